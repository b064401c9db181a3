/**
 * How a user declares an agentic execution: an agent run unattended, as a batch job that ends in a validated result or in
 * a failure a person can read. A definition is a function of its agent, `<agent>.<key>`; several may share one agent.
 *
 * Declaring runs nothing. Names, doubled tools and codes are checked here, and what is wrong is named.
 */
import * as z from "zod";
import { FAILURE_CODES } from "../domain/execution/attempt.ts";
import type { BudgetLimits } from "../domain/execution/budget.ts";
import { FunctionName } from "../domain/execution/target.ts";
import type { Script } from "../domain/model/script.ts";
import type { Json } from "../domain/values/json.ts";
import { numberOf } from "../domain/values/numbers.ts";
import type { Agent, FilePolicy, FunctionDefinition } from "./agent.ts";
import { checked, checkedNumbers, Name, wordsOf } from "./checked.ts";
import type { Concurrency, Declared } from "./concurrency.ts";
import type { Context } from "./context.ts";
import { declared } from "./declared.ts";
import type { Prompt } from "./execution/conversation.ts";
import type { AnyValidator } from "./execution/judge.ts";
import { executionProgram } from "./execution/program.ts";
import { refuseReserved } from "./roles/definition-error.ts";
import { CHAT } from "./roles/role-targets.ts";
import type { DeclaredSchedule } from "./schedule.ts";
import { checkedSchedules } from "./schedule.ts";
import type { InferInput, InferOutput, StandardSchema } from "./schema.ts";
import { strict } from "./strict.ts";
import type { Tool } from "./tool.ts";
import type { Validator } from "./validator.ts";

/** The context of `execute`: every operation that a program may begin, and the conversation with the agent's model. */
export interface ExecutionContext<In, Code extends string> extends Context {
  readonly input: In;
  /** Rejects with `AnswerError` when the model gave no whole answer; left alone, that is judged as an invalid response. */
  readonly conversation: {
    /** Asks the model, runs the tools it calls, and gives its answer. One question at a time. */
    ask(prompt: Prompt): Promise<string>;
  };
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** With `onRetry: "execute"`: why the previous attempt was rejected. */
  readonly feedback: string | undefined;
  /** Ends the execution with one of the definition's codes. `unknown` is for a failure that has none. */
  fail(code: Code | "unknown", message: string): never;
}

export interface ExecutionOptions<
  Id extends string,
  Key extends string,
  In extends StandardSchema,
  Out extends StandardSchema,
  Code extends string,
> {
  /** Names the function: `POST /api/v1/execute/<agent>.<key>`. Unique among all definitions. */
  readonly key: Key;
  readonly agent: Agent<Id>;
  /** For people. */
  readonly name: string;
  readonly description: string;
  /** What callers must send. Keys that it does not name are refused with their path, before anything exists. */
  readonly input: In;
  /** What the response must be, as JSON. The model is shown it, and a response that does not fit is corrected. */
  readonly output?: Out;
  /** Codes of its own that it may fail with, beside `runtime_error`, `max_retries_exceeded`, `validation_failed`, `unknown`. */
  readonly failureCodes?: readonly Code[];
  /** Asked in order about each response; the first failure decides. */
  readonly validators?: readonly Validator<InferOutput<In>, NoInfer<Code>>[];
  /** Corrections after the first response. Default 3, at most 50. */
  readonly maxRetries?: number;
  /** What a correction is: the validator's feedback to the model (default), or another run of `execute` with it. */
  readonly onRetry?: "feedback" | "execute";
  /** The most one run may spend; a caller may ask for less. */
  readonly budget?: BudgetLimits;
  /** Beside those of the agent. */
  readonly tools?: readonly Tool[];
  /**
   * Most turns one `conversation.ask` may take. Default 50: enough for a batch item by item, and a model that needs more is
   * in a loop, each turn of which reads the whole conversation again. `budget.maxTurns` limits the whole run.
   */
  readonly maxToolRounds?: number;
  /** Files a start may bring along; they are in `ctx.files`. */
  readonly files?: FilePolicy;
  /** When it runs by itself, and for whom. */
  readonly schedules?: readonly DeclaredSchedule[];
  readonly tags?: readonly string[];
  /** Most executions of it that run at once in a tenant, or for each key of an input; the others wait in `queued`. */
  readonly concurrency?: Concurrency<InferOutput<In>>;
  /** 1 goes first, 5 last, where starts wait. Default 3. */
  readonly priority?: Declared["priority"];
  /** Active milliseconds until it times out. Default 168 h. */
  readonly timeoutMs?: number;
  /** What the scripted model answers, where no key is configured: for demonstrations and tests. */
  readonly script?: Script;
  /** The single attempt: asks the agent's model and gives its response. */
  readonly execute: (ctx: ExecutionContext<InferOutput<In>, NoInfer<Code>>) => Promise<string>;
}

/** A declared execution; `createErrand` takes it in its list of executions. */
export interface ExecutionDefinition<Id extends string = string, Key extends string = string, Functions = unknown> {
  readonly agent: Agent<Id>;
  readonly key: Key;
  readonly name: string;
  /** As the engine sees it. */
  readonly definition: FunctionDefinition;
  /** For the compiler only: how a typed client knows the target. */
  readonly "~functions"?: Functions;
}

type Typed<Key extends string, In, Out> = Readonly<
  Record<Key, { readonly input: InferInput<In>; readonly output: InferOutput<Out> }>
>;

const MOST_RETRIES = 50;
const Stated = z.object({
  maxRetries: numberOf({ min: 0, max: MOST_RETRIES, whole: true }).optional(),
  maxToolRounds: numberOf({ min: 1, whole: true, unlimited: true }).optional(),
  failureCodes: z.array(Name).optional(),
  validators: z.array(z.looseObject({ name: Name })).optional(),
});

/** Declares an agentic execution. Throws an error that names the definition when something about it is wrong. */
export function defineExecution<
  const Id extends string,
  const Key extends string,
  In extends StandardSchema,
  Out extends StandardSchema = StandardSchema<Json>,
  const Code extends string = never,
>(options: ExecutionOptions<Id, Key, In, Out, Code>): ExecutionDefinition<Id, Key, Typed<Key, In, Out>> {
  const { agent, key, name } = options;
  const definition = declared(
    () => definitionOf(options),
    () => standIn(options),
  );
  return { agent, key, name, definition };
}

/** In the place of a definition that cannot be declared. */
function standIn({ key, description }: { readonly key: string; readonly description: string }): FunctionDefinition {
  const [input, output] = [z.unknown(), z.unknown()];
  return { name: key, kind: "execution", description, tags: [], input, output, program: async () => null };
}

function definitionOf<
  Id extends string,
  Key extends string,
  In extends StandardSchema,
  Out extends StandardSchema,
  Code extends string,
>(options: ExecutionOptions<Id, Key, In, Out, Code>): FunctionDefinition {
  const {
    key,
    agent,
    name,
    description,
    failureCodes = [],
    maxRetries = 3,
    tags = [],
    timeoutMs,
    files,
    budget,
    concurrency,
    priority,
  } = options;
  const who = `execution "${agent.id}.${key}"`;
  const named = FunctionName.safeParse(key);
  if (!named.success) throw new Error(`${who}: its key ${wordsOf(named.error)}`);
  if (agent.config !== undefined && key === CHAT) refuseReserved(agent.id, key);
  checked(Stated, options, who);
  const { program, tools } = executionProgram(agent, {
    ...options,
    maxRetries,
    validators: (options.validators ?? []) as unknown as readonly AnyValidator[],
    execute: options.execute as (ctx: unknown) => Promise<string>,
  });
  return checkedNumbers<FunctionDefinition>(who, {
    name: key,
    kind: "execution",
    description,
    tags,
    input: strict(options.input, who),
    output: options.output ?? (z.json() as StandardSchema),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(files === undefined ? {} : { files }),
    ...(budget === undefined ? {} : { budget }),
    ...(options.schedules === undefined ? {} : { schedules: checkedSchedules(who, options.schedules) }),
    ...(concurrency === undefined ? {} : { concurrency: concurrency as Concurrency }),
    ...(priority === undefined ? {} : { priority }),
    execution: { name, failureCodes: [...FAILURE_CODES, ...failureCodes], tools },
    program,
  });
}
