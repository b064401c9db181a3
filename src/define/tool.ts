/**
 * How a user declares a tool: one thing a model may do. A tool is a leaf (E4): it gets its input, its services and a
 * scratchpad, and none of the context's durable verbs. Each run is journaled: its intent before it starts, its result
 * before the model hears of it.
 */
import * as z from "zod";
import { ToolDeclaration } from "../domain/model/conversation.ts";
import type { Json } from "../domain/values/json.ts";
import { jsonText } from "../domain/values/json-text.ts";
import { messageOf } from "../domain/values/thrown.ts";
import type { AttemptContext, EffectOptions, OutcomeCheck, Scratchpad } from "./context.ts";
import { declared } from "./declared.ts";
import { ToolError } from "./errors.ts";
import type { Given, Services } from "./handed-in.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import type { ApprovalRule } from "./roles/approval-policy.ts";
import { readRule } from "./roles/approval-policy.ts";
import type { InferOutput, StandardSchema } from "./schema.ts";
import { check, inLines, isSchema } from "./schema.ts";
import { strict } from "./strict.ts";

/** What a run of a tool is handed beside its input. */
export interface ToolRun<S extends Services = Services> {
  readonly services: Given<S>;
  /** The same for every try of this very call, also after a crash: hand it to the outside. */
  readonly idempotencyKey: string;
  /** Shared with the validators of this attempt; `record` overwrites. What is recorded stays only if the run succeeds. */
  readonly scratchpad: Scratchpad;
  /** Aborted when the execution ends. */
  readonly signal: AbortSignal;
}

export interface ToolOptions<In extends z.ZodObject, Out extends StandardSchema, S extends Services> {
  /** Letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  /** For the model: what it does, and when to use it. */
  readonly description: string;
  /** What the model must send; keys that it does not name are refused. */
  readonly input: In;
  /** What the run gives. An answer that does not fit is shown to the model as an error. Default: any JSON. */
  readonly output?: Out;
  /** Doing it twice is the same as doing it once: a run that a crash interrupted is simply repeated. */
  readonly idempotent?: boolean;
  /** What to do with an interrupted run. Default `retry` when idempotent, else `ask` a person. */
  readonly onInterrupt?: EffectOptions["onInterrupt"];
  /**
   * Finds out whether an interrupted run reached the outside, and with what result; spares the question to a person.
   * Asked only where that question would be asked: not of what is idempotent.
   */
  readonly checkOutcome?: (
    input: z.output<In>,
    given: Omit<ToolRun<S>, "scratchpad">,
  ) => Promise<OutcomeCheck<InferOutput<Out>>>;
  /** What it needs from outside, by name. A missing one is an error at start-up. */
  readonly services?: S;
  /** True when it does what cannot be taken back: a person is asked before each call, unless a rule for this very tool says otherwise. */
  readonly destructive?: boolean;
  /**
   * When a person is asked before a call: `"never"`, `"always"`, `{ kind: "dynamic", value: ID }` with the id of a function of
   * the runtime, or `"default"`: as if it said nothing. A person who rejects a call tells the model why, and nothing runs.
   */
  readonly approval?: ApprovalRule | "default";
  /**
   * Runs the tool. An error that it throws goes back to the model as a tool error, in the error's own words; a `ToolError`
   * with `fatal` ends the execution instead. `InDoubt` says that the tool cannot know whether its effect happened.
   */
  readonly run: (input: z.output<In>, given: ToolRun<S>) => InferOutput<Out> | Promise<InferOutput<Out>>;
}

/** A tool as the house uses it. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly input: StandardSchema;
  readonly options: Pick<EffectOptions, "idempotent" | "onInterrupt">;
  /** Names of the services it needs. */
  readonly services: readonly string[];
  readonly destructive: boolean;
  /** Its own rule; absent: it has none. */
  readonly approval?: ApprovalRule | undefined;
  /** As models are told. */
  readonly declaration: ToolDeclaration;
  run(input: unknown, attempt: AttemptContext, services: Readonly<Record<string, unknown>>): Promise<Json>;
  readonly checkOutcome?: (
    input: unknown,
    attempt: AttemptContext,
    services: Readonly<Record<string, unknown>>,
  ) => Promise<OutcomeCheck>;
}

/** Declares a tool. Throws when its name is none or its input cannot be described to a model. */
export function defineTool<
  In extends z.ZodObject,
  Out extends StandardSchema = StandardSchema<Json>,
  S extends Services = Record<never, never>,
>(options: ToolOptions<In, Out, S>): Tool {
  return declared(
    () => toolOf(options),
    () => standIn(options),
  );
}

/** In the place of a tool that cannot be declared. */
function standIn({ name, description }: { readonly name: string; readonly description: string }): Tool {
  const declaration = { name, description, inputSchema: { type: "object" as const } };
  const run = async () => null;
  return { name, description, input: z.unknown(), options: {}, services: [], destructive: false, declaration, run };
}

function toolOf<In extends z.ZodObject, Out extends StandardSchema, S extends Services>(
  options: ToolOptions<In, Out, S>,
): Tool {
  const { name, description, idempotent, onInterrupt, checkOutcome, destructive = false } = options;
  const approval = ownRule(options);
  const input = strict(options.input as z.ZodType, `tool "${name}"`);
  const output = options.output ?? z.json();
  const services = Object.keys(options.services ?? {});
  const picked = (all: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(services.map((service) => [service, all[service]])) as Given<S>;
  const fitting = async (result: unknown) => {
    const answer = await check(output, result);
    if (!answer.ok) throw new ToolError(`it ran, but its answer does not fit its schema:\n${inLines(answer.errors)}`);
    const made = jsonText(answer.value, "its answer");
    if (made.ok) return JSON.parse(made.text) as Json;
    throw new ToolError(`it ran, but ${made.detail}`);
  };
  return Object.freeze({
    name,
    description,
    input,
    options: { ...(idempotent === undefined ? {} : { idempotent }), ...(onInterrupt ? { onInterrupt } : {}) },
    ...{ services, destructive },
    ...(approval === undefined ? {} : { approval }),
    declaration: declarationOf(name, description, input as z.ZodType),
    run: async (given: unknown, attempt: AttemptContext, all: Readonly<Record<string, unknown>>) => {
      const { idempotencyKey, scratchpad, signal } = attempt;
      const run = { services: picked(all), idempotencyKey, scratchpad, signal };
      return fitting(await options.run(given as z.output<In>, run));
    },
    ...(checkOutcome && {
      checkOutcome: async (
        given: unknown,
        attempt: AttemptContext,
        all: Readonly<Record<string, unknown>>,
      ): Promise<OutcomeCheck> => {
        const { idempotencyKey, signal } = attempt;
        const found = await checkOutcome(given as z.output<In>, { services: picked(all), idempotencyKey, signal });
        return found?.happened ? { happened: true, result: await fitting(found.result) } : found;
      },
    }),
  });
}

/** `default` is no rule. Throws for what is none. */
function ownRule({
  name,
  approval,
  destructive,
}: Pick<ToolOptions<never, never, never>, "name" | "approval" | "destructive">) {
  if (destructive !== undefined && typeof destructive !== "boolean")
    throw new Error(`tool "${name}": destructive must be true or false`);
  if (approval === undefined || approval === "default") return undefined;
  const rule = readRule(approval);
  if (rule !== undefined) return rule;
  const rules = '"never", "always", "default" or { kind: "dynamic", value: "ID" }';
  throw new Error(`tool "${name}": approval must be ${rules}`);
}

function declarationOf(name: string, description: string, input: z.ZodType): ToolDeclaration {
  const inputSchema = inputSchemaOf(name, input);
  const parsed = ToolDeclaration.safeParse({ name, description, inputSchema });
  if (parsed.success) return parsed.data;
  throw new Error(
    `tool "${name}": ${parsed.error.issues.map(({ path, message }) => `its ${path.join(".")} ${message}`).join("; ")}`,
  );
}

function inputSchemaOf(name: string, input: z.ZodType) {
  if (!isSchema(input)) throw new Error(`tool "${name}": its input is no schema: give one of zod, as z.object({ … })`);
  try {
    return jsonSchemaOf(input, "input", { strict: true });
  } catch (error) {
    throw new Error(`tool "${name}": its input cannot be described to a model: ${messageOf(error)}`);
  }
}
