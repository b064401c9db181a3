/**
 * How a user declares an agent and its functions. Declaring runs nothing: the catalog reads what was declared at
 * start-up. Wrong names and doubled functions are refused here, with the name in the message.
 */
import { z } from "zod";
import type { FunctionKind } from "../domain/target.ts";
import { AgentId, FunctionName } from "../domain/target.ts";
import type { Context } from "./context.ts";
import type { InferInput, InferOutput, StandardSchema } from "./schema.ts";
import { strict } from "./strict.ts";

/** A function of an agent as the engine sees it: schemas at both ends, a program in the middle. */
export interface FunctionDefinition {
  readonly name: string;
  readonly kind: FunctionKind;
  readonly description: string;
  readonly tags: readonly string[];
  readonly input: StandardSchema;
  readonly output: StandardSchema;
  /** Active milliseconds until an execution of it times out; default 168 h. */
  readonly timeoutMs?: number;
  readonly program: (input: never, ctx: Context) => Promise<unknown>;
}

export interface AgentDefinition {
  readonly id: string;
  readonly description: string;
  readonly version: string;
  readonly tags: readonly string[];
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
}

export interface FunctionOptions<In extends StandardSchema, Out extends StandardSchema> {
  readonly input: In;
  readonly output: Out;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly timeoutMs?: number;
}

type Program<In extends StandardSchema, Out extends StandardSchema> = (
  input: InferOutput<In>,
  ctx: Context,
) => Promise<InferOutput<Out>>;

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
  reasoner<const Name extends string, In extends StandardSchema, Out extends StandardSchema>(
    name: Name,
    options: FunctionOptions<In, Out>,
    program: Program<In, Out>,
  ): this & Added<Prefix, Name, In, Out> {
    return this.#add({ kind: "reasoner", name, program }, options) as this & Added<Prefix, Name, In, Out>;
  }

  /** Does one deterministic thing. */
  skill<const Name extends string, In extends StandardSchema, Out extends StandardSchema>(
    name: Name,
    options: FunctionOptions<In, Out>,
    program: Program<In, Out>,
  ): this & Added<Prefix, Name, In, Out> {
    return this.#add({ kind: "skill", name, program }, options) as this & Added<Prefix, Name, In, Out>;
  }

  /** Takes over what a router collected. */
  include<R extends Router>(router: R): this & Pick<R, "~functions"> {
    for (const definition of router.functions.values()) this.#put(definition);
    return this as this & Pick<R, "~functions">;
  }

  #add<In extends StandardSchema, Out extends StandardSchema>(
    { kind, name, program }: { kind: FunctionKind; name: string; program: Program<In, Out> },
    options: FunctionOptions<In, Out>,
  ): this {
    const { description = "", tags = [], ...rest } = options;
    const full = this.#prefix === "" ? name : `${this.#prefix}_${name}`;
    return this.#put({
      ...rest,
      input: strict(rest.input),
      name: full,
      kind,
      description,
      tags,
      program: program as FunctionDefinition["program"],
    });
  }

  #put(definition: FunctionDefinition): this {
    const parsed = FunctionName.safeParse(definition.name);
    if (!parsed.success) throw new Error(`function "${definition.name}": ${z.prettifyError(parsed.error)}`);
    if (this.functions.has(definition.name)) throw new Error(`function "${definition.name}" is declared twice`);
    this.functions.set(definition.name, definition);
    return this;
  }
}

/** Router prefixes become part of the function's name: prefix `support` + `analyze_sentiment` → `support_analyze_sentiment`. */
export function router<const Prefix extends string>({ prefix }: { readonly prefix: Prefix }): Router<Prefix> {
  return new Router(routerPrefix(prefix));
}

/** As the AgentRouter of reference 2 translates: everything that is no letter or digit becomes one `_`, ends trimmed. */
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

  constructor(options: {
    readonly id: Id;
    readonly description: string;
    readonly version: string;
    readonly tags?: readonly string[];
  }) {
    super("");
    const parsed = AgentId.safeParse(options.id);
    if (!parsed.success) throw new Error(`agent "${options.id}": ${z.prettifyError(parsed.error)}`);
    this.id = options.id;
    this.description = options.description;
    this.version = options.version;
    this.tags = options.tags ?? [];
  }
}

/** Declares an agent; add functions with `.reasoner(…)`, `.skill(…)` and `.include(router)`. */
export function defineAgent<const Id extends string>(options: ConstructorParameters<typeof Agent<Id>>[0]): Agent<Id> {
  return new Agent(options);
}
