/** What an activation needs before its program can run: the function, and the input as its schema took it once. */
import { parseInput } from "../../define/parsed.ts";
import type { ParsedInput } from "../../domain/execution/command.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { StoredFiles } from "../../domain/execution/stored-file.ts";
import type { FieldError } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import type { Journal } from "../journal/journal.ts";
import type { FoundFunction, World } from "../ports.ts";
import { blockProgram, deploymentOf } from "./deployment-of.ts";
import { functionOf } from "./function-of.ts";

export interface Beginning {
  readonly found: FoundFunction;
  /** A copy of the program's own. */
  readonly input: Json;
  readonly files: StoredFiles | undefined;
}

/** `undefined` when the program cannot run; the log says why, and nothing of it is staged. */
export async function beginning(journal: Journal, world: World): Promise<Beginning | undefined> {
  const { state } = journal;
  // Its input is handed to the program.
  const created = journal.ownEvent(1);
  if (!state || isTerminal(state.status) || created?.type !== "execution.created") return undefined;
  const { agent, fn } = state.origin;
  const found = functionOf(state.origin, world);
  if (!found) {
    const detail = `no function ${agent}.${fn} is known to this version of the code`;
    await blockProgram(journal, world, detail);
    return undefined;
  }
  const { input, files } = created.data;
  if (state.inputSeq === undefined && !(await takeInput(journal, world, { found, input }))) return undefined;
  journal.dispatch({ type: "begin", ...deploymentOf(world) }, "system");
  return { found, input: inputOf(journal) ?? input, files };
}

/** A child's input is parsed in the child, and a restart parses anew. False when the program cannot begin with it. */
async function takeInput(
  journal: Journal,
  world: World,
  { found, input }: { readonly found: FoundFunction; readonly input: Json },
): Promise<boolean> {
  const parsed = await parseInput(found.definition.input, input);
  // It may have been cancelled meanwhile.
  const { state } = journal;
  if (!state || isTerminal(state.status)) return false;
  if (parsed.ok) return take(journal, world, parsed.value);
  await refuseInput(journal, world, parsed.errors);
  return false;
}

/** A schema may make another input of the same words: a default with dice in it, or one of another deployment. */
function take(journal: Journal, world: World, parsed: ParsedInput): boolean {
  const follows = journal.state?.origin.restartedFrom !== undefined;
  const now = parsed.same ? undefined : world.digest(canonicalJson(parsed.value));
  const differs = follows && now !== journal.index().inputBefore;
  return journal.dispatch({ type: "take_input", parsed, ...(differs ? { differs } : {}) }, "system").ok;
}

/** What a restart takes over was accepted once, by code that another deployment may bring back. */
async function refuseInput(journal: Journal, world: World, [first]: readonly FieldError[]): Promise<void> {
  const { origin } = journal.state ?? {};
  const message = `${first?.path || "input"}: ${first?.message ?? "does not fit"}`;
  if (origin?.restartedFrom) {
    const detail = `the schema of ${origin.agent}.${origin.fn} no longer takes the input of the execution it follows: ${message}`;
    return blockProgram(journal, world, detail);
  }
  journal.dispatch({ type: "fail", code: "invalid_input", message }, "system");
  await journal.flush();
}

/** What the schema made of the input; `undefined` when that is the input as it was sent. Shared, and not to be changed. */
export function parsedInputOf(journal: Journal): Json | undefined {
  const { inputSeq = 1 } = journal.state ?? {};
  const event = inputSeq === 1 ? undefined : journal.event(inputSeq);
  return event?.type === "input.parsed" ? event.data.value : undefined;
}

/** The same, for the program alone. */
function inputOf(journal: Journal): Json | undefined {
  const { inputSeq = 1 } = journal.state ?? {};
  const event = inputSeq === 1 ? undefined : journal.ownEvent(inputSeq);
  return event?.type === "input.parsed" ? event.data.value : undefined;
}
