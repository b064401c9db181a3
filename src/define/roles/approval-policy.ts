/**
 * When a person is asked: rules for plans and for tools, and which of several rules counts. Pure: the answer depends on
 * what is declared alone. Only a dynamic rule looks at the call, and it is asked where the call runs.
 */
import { isRecord } from "../../domain/values/is-record.ts";
import { nearest } from "../../domain/values/nearest.ts";
import type { FaultList } from "./definition-error.ts";
import { inWords } from "./definition-error.ts";

/** `dynamic`: the function of the runtime with this id decides for each call. */
export type ApprovalRule = "never" | "always" | { readonly kind: "dynamic"; readonly value: string };

const CHANNELS = ["plans", "tools"] as const;
type ApprovalChannel = (typeof CHANNELS)[number];

export type ApprovalPolicy = Readonly<Record<ApprovalChannel, ApprovalRule>>;

/** `default`, as what is left out: the rule of the level above counts. */
export type ApprovalPolicyPatch = { readonly [Channel in ApprovalChannel]?: ApprovalRule | "default" };

/** What counts where nothing is declared: no plan is carried out that a person has not seen. */
const STANDING: ApprovalPolicy = Object.freeze({ plans: "always", tools: "never" });

/** Where a rule comes from, the nearest to the call first. */
export type ApprovalSource = "agent_tool" | "tool" | "destructive" | "agent" | "runtime" | "standing";

export interface ResolvedApproval {
  readonly rule: ApprovalRule;
  readonly source: ApprovalSource;
}

export interface ApprovalDeclarations {
  readonly runtime?: ApprovalPolicyPatch | undefined;
  readonly agent?: ApprovalPolicyPatch | undefined;
  /** Of the agent, by tool. */
  readonly toolApprovals?: Readonly<Record<string, ApprovalRule>> | undefined;
}

/** What a tool says of itself. */
export interface ApprovalTool {
  readonly name: string;
  readonly approval?: ApprovalRule | undefined;
  readonly destructive?: boolean | undefined;
}

/** The rule for plans that the agent writes or carries out: the agent's, else the runtime's, else `always`. */
export function planApproval(declared: ApprovalDeclarations): ResolvedApproval {
  return channelApproval("plans", declared);
}

/**
 * The rule for a call of the tool: the agent's for this tool, else the tool's own, else `always` for a destructive one, else
 * the agent's for tools, else the runtime's, else `never`. So no rule for all tools lets a destructive one through.
 */
export function toolApproval(tool: ApprovalTool, declared: ApprovalDeclarations): ResolvedApproval {
  const { toolApprovals = {} } = declared;
  const own = Object.hasOwn(toolApprovals, tool.name) ? toolApprovals[tool.name] : undefined;
  if (own !== undefined) return { rule: own, source: "agent_tool" };
  if (tool.approval !== undefined) return { rule: tool.approval, source: "tool" };
  if (tool.destructive === true) return { rule: "always", source: "destructive" };
  return channelApproval("tools", declared);
}

function channelApproval(channel: ApprovalChannel, { agent, runtime }: ApprovalDeclarations): ResolvedApproval {
  const [own, common] = [agent?.[channel], runtime?.[channel]];
  if (own !== undefined && own !== "default") return { rule: own, source: "agent" };
  if (common !== undefined && common !== "default") return { rule: common, source: "runtime" };
  return { rule: STANDING[channel], source: "standing" };
}

const RULES = '"never", "always" or { kind: "dynamic", value: "ID" }';

/** A policy of an agent or a runtime as it was given, copied; what is wrong is added to the faults. */
export function readPolicy(given: unknown, faults: FaultList): ApprovalPolicyPatch {
  if (given === undefined) return Object.freeze({});
  if (!isRecord(given)) {
    faults.add("invalid_approval", "approval", `approval is ${inWords(given)}: give { plans, tools }`);
    return Object.freeze({});
  }
  for (const key of Object.keys(given)) {
    if ((CHANNELS as readonly string[]).includes(key)) continue;
    const meant = nearest(key, CHANNELS);
    const hint = meant === undefined ? "its keys are plans and tools" : `did you mean "${meant}"?`;
    faults.add("invalid_approval", `approval.${key}`, `approval has no key "${key}": ${hint}`);
  }
  const patch: Partial<Record<ApprovalChannel, ApprovalRule | "default">> = {};
  for (const channel of CHANNELS) {
    const rule = given[channel];
    if (rule === undefined) continue;
    if (rule === "default") patch[channel] = rule;
    else {
      const read = readRule(rule);
      if (read !== undefined) patch[channel] = read;
      else {
        const sentence = `approval.${channel} is ${inWords(rule)}: give "default", ${RULES}`;
        faults.add("invalid_approval", `approval.${channel}`, sentence);
      }
    }
  }
  return Object.freeze(patch);
}

/** The rules of an agent by tool, copied. `known` are the names of its tools and those of its toolkits. */
export function readToolApprovals(
  given: unknown,
  known: readonly string[],
  faults: FaultList,
): Readonly<Record<string, ApprovalRule>> {
  if (given === undefined) return Object.freeze({});
  if (!isRecord(given)) {
    const sentence = `toolApprovals is ${inWords(given)}: give an object with a rule by the name of each tool`;
    faults.add("invalid_approval", "toolApprovals", sentence);
    return Object.freeze({});
  }
  const rules = new Map<string, ApprovalRule>();
  for (const [tool, rule] of Object.entries(given)) {
    if (!known.includes(tool)) faults.add("tool_unknown", `toolApprovals.${tool}`, unknownTool(tool, known));
    const read = readRule(rule);
    if (read !== undefined) rules.set(tool, read);
    else {
      const sentence = `toolApprovals.${tool} is ${inWords(rule)}: give ${RULES}`;
      faults.add("invalid_approval", `toolApprovals.${tool}`, sentence);
    }
  }
  return Object.freeze(Object.fromEntries(rules));
}

function unknownTool(tool: string, known: readonly string[]): string {
  const meant = nearest(tool, known);
  const hint = meant !== undefined ? `did you mean "${meant}"?` : `it has ${known.join(", ") || "no tools"}`;
  return `toolApprovals names "${tool}", which is no tool of this agent or of its toolkits: ${hint}`;
}

/** A rule as it was given, copied; `undefined` for what is none. */
export function readRule(given: unknown): ApprovalRule | undefined {
  if (given === "never" || given === "always") return given;
  if (!isRecord(given) || given.kind !== "dynamic") return undefined;
  const { kind, value, ...more } = given;
  if (typeof value !== "string" || value.trim() === "" || Object.keys(more).length > 0) return undefined;
  return Object.freeze({ kind, value });
}
