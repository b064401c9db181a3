/**
 * How a user declares an agent and its functions. Declaring runs nothing: the catalog reads what was declared at
 * start-up. Wrong names and doubled functions are refused here, with the name in the message.
 */
import * as z from "zod";
import type { BudgetLimits } from "../domain/execution/budget.ts";
import type { FileType } from "../domain/execution/stored-file.ts";
import type { FunctionKind } from "../domain/execution/target.ts";
import { AgentId, FunctionName } from "../domain/execution/target.ts";
import type { AgentConfigs } from "./agent-config.ts";
import { checked, checkedNumbers, Name, wordsOf } from "./checked.ts";
import type { Concurrency, Declared } from "./concurrency.ts";
import { AgentLimit } from "./concurrency.ts";
import type { Context } from "./context.ts";
import { declared } from "./declared.ts";
import type { Given, Services } from "./handed-in.ts";
import type { ProgramContext } from "./program-context.ts";
import { refuseReserved } from "./roles/definition-error.ts";
import { CHAT } from "./roles/role-targets.ts";
import type { DeclaredSchedule } from "./schedule.ts";
import { checkedSchedules } from "./schedule.ts";
import type { InferInput, InferOutput, StandardSchema } from "./schema.ts";
import { strict } from "./strict.ts";
import type { Tool } from "./tool.ts";

/** Which files a start may bring along; a function without a policy takes none. */
export interface FilePolicy {
  readonly types: readonly FileType[];
  /** Most files of one start. Default, and at most, 10. */
  readonly max?: number;
}

/** A function of an agent as the engine sees it: schemas at both ends, a program in the middle. */
export interface FunctionDefinition extends Declared {
  readonly name: string;
  readonly kind: FunctionKind;
  readonly description: string;
  readonly tags: readonly string[];
  readonly input: StandardSchema;
  readonly output: StandardSchema;
  /** Active milliseconds until an execution of it times out; default 168 h. */
  readonly timeoutMs?: number;
  readonly files?: FilePolicy;
  /** The most one execution may spend; what its caller allows may be less. */
  readonly budget?: BudgetLimits;
  readonly schedules?: readonly DeclaredSchedule[];
  /** Names of the services it needs itself; its tools name their own. */
  readonly services?: readonly string[];
  /** Of an agentic execution: its name for people, what it may fail with, and its tools. */
  readonly execution?: {
    readonly name: string;
    readonly failureCodes: readonly string[];
    readonly tools: readonly Tool[];
  };
  /** Its starts name a session (X-Session-ID): it keeps a conversation there. */
  readonly needsSession?: boolean;
  readonly program: (input: never, ctx: ProgramContext) => Promise<unknown>;
}

export interface AgentDefinition {
  readonly id: string;
  readonly description: string;
  readonly version: string;
  readonly tags: readonly string[];
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  /** Most executions of all its functions that run at once; absent: no limit of its own. */
  readonly concurrency?: number | undefined;
}

export interface FunctionOptions<In extends StandardSchema, Out extends StandardSchema, S extends Services = Services> {
  readonly input: In;
  readonly output: Out;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly timeoutMs?: number;
  /** Files a start may bring along as `multipart/form-data`; the program finds them in `ctx.files`. */
  readonly files?: FilePolicy;
  /** When it runs by itself, and for whom. */
  readonly schedules?: readonly DeclaredSchedule[];
  /** Most executions of it that run at once in a tenant, or for each key of an input; the others wait in `queued`. */
  readonly concurrency?: Concurrency<InferOutput<In>>;
  /** 1 goes first, 5 last, where starts wait. Default 3. */
  readonly priority?: Declared["priority"];
  /** What it needs from outside, by name, for its effects: `ctx.services`. A missing one is an error at start-up. */
  readonly services?: S;
}

type Program<In extends StandardSchema, Out extends StandardSchema, S extends Services> = (
  input: InferOutput<In>,
  ctx: Context & { readonly services: Given<S> },
) => Promise<InferOutput<Out>>;
type None = Record<never, never>;

/** What the compiler remembers of a function that was added; nothing of it exists at run time. */
type Added<Prefix extends string, Name extends string, In, Out> = {
  readonly "~functions"?: Readonly<
    Record<
      Prefix extends "" ? Name : `${Prefix}_${Name}`,
      { readonly input: InferInput<In>; readonly output: InferOutput<Out> }
    >
  >;
};

/** Collects functions under names with a prefix; `agent.include` takes them over. */
export class Router<Prefix extends string = string> {
  declare readonly "~functions"?: unknown;
  readonly functions = new Map<string, FunctionDefinition>();
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Reasons: may ask models, call others, wait for people. */
  reasoner<const Name extends string, In extends StandardSchema, Out extends StandardSchema, S extends Services = None>(
    name: Name,
    options: FunctionOptions<In, Out, S>,
    program: Program<In, Out, S>,
  ): this & Added<Prefix, Name, In, Out> {
    return this.#add({ kind: "reasoner", name, program }, options) as this & Added<Prefix, Name, In, Out>;
  }

  /** Does one deterministic thing. */
  skill<const Name extends string, In extends StandardSchema, Out extends StandardSchema, S extends Services = None>(
    name: Name,
    options: FunctionOptions<In, Out, S>,
    program: Program<In, Out, S>,
  ): this & Added<Prefix, Name, In, Out> {
    return this.#add({ kind: "skill", name, program }, options) as this & Added<Prefix, Name, In, Out>;
  }

  /** Takes over what a router collected. */
  include<R extends Router>(router: R): this & Pick<R, "~functions"> {
    for (const definition of router.functions.values())
      declared(
        () => this.#put(definition),
        () => this,
      );
    return this as this & Pick<R, "~functions">;
  }

  #add<In extends StandardSchema, Out extends StandardSchema, S extends Services>(
    { kind, name, program }: { kind: FunctionKind; name: string; program: Program<In, Out, S> },
    options: FunctionOptions<In, Out, S>,
  ): this {
    const { description = "", tags = [], services, concurrency, priority, ...rest } = options;
    const full = this.#prefix === "" ? name : `${this.#prefix}_${name}`;
    const put = () =>
      this.#put({
        ...rest,
        ...(priority === undefined ? {} : { priority }),
        ...(concurrency === undefined ? {} : { concurrency: concurrency as Concurrency }),
        ...(services === undefined ? {} : { services: Object.keys(services) }),
        input: strict(rest.input, `function "${full}"`),
        name: full,
        kind,
        description,
        tags,
        program: program as FunctionDefinition["program"],
      });
    return declared(put, () => this);
  }

  #put(definition: FunctionDefinition): this {
    const parsed = FunctionName.safeParse(definition.name);
    if (!parsed.success) throw new Error(`function "${definition.name}": its name ${wordsOf(parsed.error)}`);
    if (this.functions.has(definition.name)) throw new Error(`function "${definition.name}" is declared twice`);
    if (this instanceof Agent && this.config !== undefined && definition.name === CHAT)
      refuseReserved(this.id, definition.name);
    checkedSchedules(`function "${definition.name}"`, definition.schedules ?? []);
    this.functions.set(definition.name, checkedNumbers(`function "${definition.name}"`, definition));
    return this;
  }
}

/** Router prefixes become part of the function's name: prefix `support` + `analyze_sentiment` → `support_analyze_sentiment`. */
export function router<const Prefix extends string>({ prefix }: { readonly prefix: Prefix }): Router<Prefix> {
  return new Router(routerPrefix(prefix));
}

/** As AgentField's AgentRouter translates: everything that is no letter or digit becomes one `_`, ends trimmed. */
function routerPrefix(prefix: string): string {
  return prefix
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
}

export class Agent<Id extends string = string> extends Router<""> implements AgentDefinition {
  readonly id: Id;
  readonly description: string;
  readonly version: string;
  readonly tags: readonly string[];
  /** How its model is asked, by context. */
  readonly config: AgentConfigs | undefined;
  readonly concurrency: number | undefined;

  constructor(options: {
    readonly id: Id;
    readonly description: string;
    readonly version: string;
    readonly tags?: readonly string[];
    readonly config?: AgentConfigs;
    /** Most executions of all its functions that run at once in a tenant. */
    readonly concurrency?: number;
  }) {
    super("");
    declared(
      () => checkAgent(options),
      () => {},
    );
    this.id = options.id;
    this.description = options.description;
    this.version = options.version;
    this.tags = options.tags ?? [];
    this.config = options.config;
    this.concurrency = options.concurrency;
  }
}

function checkAgent(options: {
  readonly id: string;
  readonly version: string;
  readonly tags?: readonly string[];
  readonly concurrency?: number;
}): void {
  const parsed = AgentId.safeParse(options.id);
  if (!parsed.success) throw new Error(`agent "${options.id}": its id ${wordsOf(parsed.error)}`);
  checked(
    z.object({ version: Name, tags: z.array(Name).optional(), concurrency: AgentLimit.optional() }),
    options,
    `agent "${options.id}"`,
  );
}

/** Declares an agent; add functions with `.reasoner(…)`, `.skill(…)` and `.include(router)`. */
export function defineAgent<const Id extends string>(options: ConstructorParameters<typeof Agent<Id>>[0]): Agent<Id> {
  return new Agent(options);
}
