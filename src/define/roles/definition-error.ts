/**
 * What is wrong with role agents, plans and runtimes, as errors that a program can read. Thrown by the functions that define
 * them, with all faults of one definition together.
 */

export type DefinitionCode =
  | "action_without_dispatcher"
  | "agent_twice"
  | "agents_toolkit_missing"
  | "dispatcher_unknown"
  | "dynamic_approval_unknown"
  | "invalid_actions"
  | "invalid_agent"
  | "invalid_approval"
  | "invalid_ask"
  | "invalid_budget"
  | "invalid_dispatcher"
  | "invalid_layer"
  | "invalid_max_turns"
  | "invalid_model"
  | "invalid_name"
  | "invalid_plan"
  | "invalid_prompt"
  | "invalid_providers"
  | "invalid_routes"
  | "invalid_script"
  | "invalid_stateful"
  | "invalid_thread_tokens"
  | "invalid_toolkits"
  | "invalid_tools"
  | "invalid_version"
  | "parameter_missing"
  | "parameter_unknown"
  | "plan_twice"
  | "plan_version"
  | "prompt_empty"
  | "provider_not_configured"
  | "reserved_name"
  | "route_to_itself"
  | "route_twice"
  | "route_unknown"
  | "routes_missing"
  | "tool_twice"
  | "tool_unknown"
  | "toolkit_twice"
  | "toolkit_unknown";

/** One fault. `message` is a sentence that names the definition. */
export interface DefinitionFault {
  readonly code: DefinitionCode;
  /** The name of the agent; `undefined` for what is wrong with a plan, a prompt or the runtime itself. */
  readonly agent: string | undefined;
  /** The parameter, and the place in it: `routes.0`. */
  readonly field: string;
  readonly message: string;
}

/** Names of functions that Errand adds to agents: none of the user's has one of them there. */
export function refuseReserved(agent: string, name: string): never {
  const message = `agent "${agent}": the function "${name}" is what Errand adds to an agent with a model (its config): rename yours`;
  throw new DefinitionError([{ code: "reserved_name", agent, field: name, message }]);
}

type Faults = readonly [DefinitionFault, ...DefinitionFault[]];

/** Thrown by what defines role agents. `code`, `agent` and `field` are those of the first of `faults`. */
export class DefinitionError extends Error {
  override readonly name = "DefinitionError";
  readonly code: DefinitionCode;
  readonly agent: string | undefined;
  readonly field: string;
  readonly faults: readonly DefinitionFault[];

  constructor(faults: Faults) {
    super(inOneText(faults));
    const [{ code, agent, field }] = faults;
    this.code = code;
    this.agent = agent;
    this.field = field;
    this.faults = Object.freeze([...faults]);
  }
}

function inOneText(faults: Faults): string {
  if (faults.length === 1) return faults[0].message;
  return [`${faults.length} faults:`, ...faults.map(({ message }) => `- ${message}`)].join("\n");
}

/** Gathers the faults of one definition. `who` begins each sentence. */
export class FaultList {
  readonly all: DefinitionFault[] = [];
  readonly #who: string;
  readonly #agent: string | undefined;

  constructor(who: string, agent?: string) {
    this.#who = who;
    this.#agent = agent;
  }

  add(code: DefinitionCode, field: string, sentence: string): void {
    this.all.push({ code, agent: this.#agent, field, message: `${this.#who}: ${sentence}` });
  }

  take(faults: readonly DefinitionFault[]): void {
    this.all.push(...faults);
  }

  /** Throws them; a prompt of a wrong type is a `TypeError` with the same fields. */
  throwAny(): void {
    const [first, ...rest] = this.all;
    if (!first) return;
    const error = new DefinitionError([first, ...rest]);
    const mistyped = this.all.find(({ code }) => code === "invalid_prompt");
    if (!mistyped) throw error;
    const { code, agent, field } = mistyped;
    throw Object.assign(new TypeError(error.message), { code, agent, field, faults: error.faults });
  }
}

/** A value in a sentence: short, and of no object more than its kind. */
export function inWords(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 50 ? `${value.slice(0, 50)}…` : value);
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean")
    return String(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "function" ? "a function" : `an ${typeof value === "object" ? "object" : typeof value}`;
}
