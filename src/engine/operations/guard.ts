/**
 * The verbs of a program's context with what holds for all of them: called by a program and not by a try, by a name that is
 * one; and what is wrong with a call rejects, it never throws. Called once for each context, around the verbs themselves.
 */
import type { Scratchpad } from "../../define/context.ts";
import { stepError } from "../../define/errors.ts";
import type { ProgramContext } from "../../define/program-context.ts";
import { MAX_NAME } from "../../domain/execution/entry.ts";
import { fieldOf } from "../../domain/values/thrown.ts";
import { NOT_A_PROGRAM } from "../program/call-scope.ts";
import type { Verb } from "../program/options.ts";
import { verbArguments } from "../program/options.ts";
import type { Loop } from "./operation.ts";

const INSTEAD =
  "a step, an effect or a tool is a leaf and asks nothing of ctx (E4): its argument has now(), random(), signal and scratchpad";

/** Where a verb takes names: its first argument, and the option `name` of the argument at this place. */
const NAMES = {
  step: { first: true },
  effect: { first: true },
  tool: { options: 0 },
  generate: { options: 0 },
  turn: { options: 0 },
  call: { first: true, options: 2 },
  pause: { options: 0 },
  waitForApproval: { options: 0 },
  signal: { first: true, options: 1 },
  sleep: { options: 1 },
  external: { options: 0 },
  all: {},
  race: {},
  within: {},
} as const satisfies Readonly<Record<Verb, { first?: boolean; options?: number }>>;

/** Answered at once: in a try they throw, because few await them and a refusal must not be dropped. */
const SAYINGS = ["now", "random", "patched", "note", "progress", "setAttributes", "sayAttempt"] as const;

type Asking = (...given: unknown[]) => Promise<unknown>;
type Saying = (...given: unknown[]) => unknown;

/** The same object, with its verbs guarded. */
export function guarded(loop: Loop, ctx: ProgramContext): ProgramContext {
  const verbs = ctx as unknown as Record<Verb, Asking> & Record<(typeof SAYINGS)[number], Saying>;
  for (const verb of Object.keys(NAMES) as Verb[]) {
    const operation = verbs[verb];
    verbs[verb] = (...given) => {
      try {
        onlyInProgram(loop, typeof given[0] === "string" ? given[0] : verb);
        requireNames(verb, given);
        return operation(...verbArguments(verb, given));
      } catch (error) {
        return quiet(Promise.reject(error));
      }
    };
  }
  for (const verb of SAYINGS) {
    const say = verbs[verb];
    verbs[verb] = (...given) => {
      onlyInProgram(loop, verb);
      return say(...given);
    };
  }
  return ctx;
}

/** Throws `StepError` `not_a_program` where code of a try asks for something: before a name or a key is counted. */
function onlyInProgram({ activities }: Pick<Loop, "activities">, what: string): void {
  const { inside } = activities;
  if (!inside) return;
  const { name, ended } = inside;
  const who = ended ? `what "${name}" left behind when it ended` : `"${name}"`;
  throw stepError(NOT_A_PROGRAM, `${who} asked for "${what}": ${INSTEAD}`);
}

function requireNames(verb: Verb, given: readonly unknown[]): void {
  const { first = false, options }: { first?: boolean; options?: number } = NAMES[verb];
  if (first) requireText(given[0], `ctx.${verb}: the name`);
  const name = options === undefined ? undefined : fieldOf(given[options], "name");
  if (name !== undefined) requireText(name, `ctx.${verb}: the option name`);
}

/** Throws `StepError` `invalid_options` for a name or a key that is none. */
export function requireText(value: unknown, what: string): void {
  if (typeof value === "string" && value.length > MAX_NAME)
    throw stepError("invalid_options", `${what} has ${value.length} characters: give one of ${MAX_NAME} at most`);
  if (typeof value === "string" && value.trim() !== "") return;
  const shown = typeof value === "string" ? JSON.stringify(value) : `a value of the type ${typeof value}`;
  throw stepError("invalid_options", `${what} is ${shown}: give a text that is not empty`);
}

/** What a try writes belongs to its entry: written past it, it would be gone after a crash. */
export function guardedScratchpad(loop: Pick<Loop, "activities" | "scratchpad">): Scratchpad {
  const { scratchpad } = loop;
  return {
    record: (name, value) => {
      onlyInProgram(loop, "scratchpad.record");
      scratchpad.record(name, value);
    },
    read: (name) => scratchpad.read(name),
    clear: () => {
      onlyInProgram(loop, "scratchpad.clear");
      scratchpad.clear();
    },
  };
}

/** Verbs of memory are asked by the program, as all others, and reject and never throw. */
export function guardedVerbs<T extends object>(loop: Loop, what: string, asked: T): T {
  const verbs = Object.entries(asked as unknown as Readonly<Record<string, Asking>>).map(([verb, ask]) => {
    const guardedVerb: Asking = (...given) => {
      try {
        onlyInProgram(loop, `${what}.${verb}`);
        return quiet(ask(...given));
      } catch (error) {
        return quiet(Promise.reject(error));
      }
    };
    return [verb, guardedVerb];
  });
  return Object.fromEntries(verbs) as T;
}

/** Lets a call fail that the program does not await: that is in the journal, and no unhandled rejection of the process. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
