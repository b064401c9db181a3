/**
 * What an agentic execution settles on with its first turn: system prompt, tools, model, limits. It is data of the execution
 * from then on, kept with that turn: a deployment that says something else is for executions that begin later.
 */
import type { ToolDeclaration } from "../../domain/model/conversation.ts";
import { KeptTurn } from "../../domain/read-models/conversation-view.ts";
import type { Json } from "../../domain/values/json.ts";
import type { AgentConfig } from "../agent-config.ts";
import type { ApprovalRule } from "../roles/approval-policy.ts";
import type { ModelTool } from "./model-tool.ts";

/** Sonnet thinks before it answers, and thinking counts: less than this cuts ordinary answers off. */
const DEFAULT_MAX_TOKENS = 16_000;

export interface Setup {
  readonly model?: string;
  readonly system?: string;
  readonly tools: readonly ToolDeclaration[];
  readonly maxTokens: number;
  readonly maxToolRounds: number;
  readonly maxRetries: number;
  /** Most turns of the whole run. */
  readonly maxTurns?: number | undefined;
  /** When a person is asked before a call, by tool. */
  readonly approvals?: Approvals | undefined;
}

type Approvals = Readonly<Record<string, ApprovalRule>>;

/** As the code of this deployment says. */
export interface Stated {
  readonly config: AgentConfig;
  readonly tools: readonly ModelTool[];
  /** Most turns that one `ask` may take. */
  readonly maxToolRounds: number;
  /** Corrections after the first response. */
  readonly maxRetries: number;
  /** Most turns of the whole run. Default: no limit but the budget's. */
  readonly maxTurns?: number | undefined;
  /** When a person is asked before a call, by tool. Default: never. */
  readonly approvals?: Approvals | undefined;
}

export function setupOf({ config, tools, maxToolRounds, maxRetries, maxTurns, approvals = {} }: Stated): Setup {
  const { model, system, maxTokens = DEFAULT_MAX_TOKENS } = config;
  return {
    ...(model === undefined ? {} : { model }),
    ...(system === undefined ? {} : { system }),
    tools: tools.map(({ declaration }) => declaration),
    ...{ maxTokens, maxToolRounds, maxRetries },
    ...(maxTurns === undefined ? {} : { maxTurns }),
    ...(Object.keys(approvals).length === 0 ? {} : { approvals }),
  };
}

/** What the first turn keeps of it. No limit at all is left out: JSON has no word for it. */
export function keptSetup({ system, tools, ...rest }: Setup): Pick<KeptTurn, "system" | "tools" | "setup"> {
  const { maxToolRounds, maxTurns, approvals, ...setup } = rest;
  return {
    ...(system === undefined ? {} : { system }),
    tools: tools.map(({ name }) => name),
    setup: {
      ...setup,
      declarations: [...tools],
      ...(Number.isFinite(maxToolRounds) ? { maxToolRounds } : {}),
      ...(maxTurns === undefined ? {} : { maxTurns }),
      ...(approvals === undefined ? {} : { approvals: { ...approvals } }),
    },
  };
}

/** Out of what the journal keeps of a turn; `undefined` for one that keeps none: it was not the first one. */
export function setupIn(kept: Json): Setup | undefined {
  const { system, setup } = KeptTurn.safeParse(kept).data ?? {};
  if (!setup) return undefined;
  const { declarations: tools, maxToolRounds = Number.POSITIVE_INFINITY, ...rest } = setup;
  return { ...rest, ...(system === undefined ? {} : { system }), tools, maxToolRounds };
}

type NoRequest = "maxToolRounds" | "maxRetries" | "maxTurns" | "approvals";

/** What tells one request from another: its limits do not, nor when a person is asked. */
export function identityOf(setup: Setup): Omit<Setup, NoRequest> {
  const { maxToolRounds: _rounds, maxRetries: _retries, maxTurns: _turns, approvals: _approvals, ...asked } = setup;
  return asked;
}
