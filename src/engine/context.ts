/** Turns the verbs a program calls into questions for the run loop. One context for each branch of the program. */
import type {
  AskReply,
  CallOptions,
  Context,
  EffectOptions,
  PauseRequest,
  SignalOptions,
  StepOptions,
  Try,
} from "../define/context.ts";
import { ExecutionFailure, StepError } from "../define/errors.ts";
import { handedTo } from "../define/handed-in.ts";
import type { LedTurn, ProgramAsk, ProgramContext } from "../define/program-context.ts";
import type { AttemptEvent, Said } from "../domain/command.ts";
import type { Verdict } from "../domain/gate.ts";
import type { Json, Jsonify } from "../domain/json.ts";
import { canonicalJson } from "../domain/json.ts";
import type { Loop } from "./ask.ts";
import { Branch } from "./branch.ts";
import { guarded, guardedScratchpad, quiet, requireText } from "./guard.ts";
import { fingerprint } from "./match.ts";
import { tryOptions } from "./options.ts";
import { approvedOnly, pauseAsk } from "./pauses.ts";
import type { Put } from "./put.ts";
import { draftOf, putIn } from "./put.ts";
import { raced, within } from "./races.ts";
import { storable } from "./storable.ts";
import { toolIn } from "./tool-call.ts";
import { askDraft, ledDraft } from "./turn.ts";
import { callAsk, checkMs, signalAsk, sleepAsk } from "./waits.ts";
import type { Work } from "./work.ts";

export function createContext(loop: Loop, branch = new Branch()): ProgramContext {
  const origin = loop.journal.state?.origin;
  if (!origin) throw new Error("a program runs only in an execution that exists");
  const put = putIn(loop, branch);
  const race = { loop, branch, contextOf: (below: Branch) => createContext(loop, below) };
  return guarded(loop, {
    executionId: origin.id,
    runId: origin.runId,
    sessionId: origin.sessionId,
    actorId: origin.actorId,
    get abortSignal() {
      return loop.abortSignal;
    },
    scratchpad: guardedScratchpad(loop),
    files: structuredClone(loop.files?.items ?? []),
    services: handedTo(origin.tenant, loop.world.services),
    ...works(loop, put),
    tool: toolIn(loop, branch, put),
    ...waits(put),
    ...sayings(loop, branch),
    all: (items, keyOf, fn) => inBranches(loop, branch, { items, keyOf, fn }),
    race: (contenders) => raced(race, contenders) as Promise<never>,
    within: (ms, fn) => {
      checkMs(ms === Number.POSITIVE_INFINITY ? undefined : ms, "ctx.within");
      return within(race, ms, fn);
    },
    digest: (value) => loop.world.digest(canonicalJson(value)),
    fail: (code, message) => {
      throw new ExecutionFailure(code, message);
    },
  });
}

/** What is computed or done. */
function works(loop: Loop, put: Put): Pick<ProgramContext, "step" | "effect" | "ask" | "turn"> {
  const perform = <T>(work: Unkeyed) =>
    put(work.name, ({ key }) => draftOf(loop, { ...work, key, scratchpad: loop.scratchpad })) as Promise<T>;
  type Effect<T> = [name: string, input: Json, options: EffectOptions, fn: (attempt: Try) => T | PromiseLike<T>];
  return {
    step: <T>(name: string, fn: (attempt: Try) => T | PromiseLike<T>, given?: StepOptions) => {
      const options = tryOptions(given, `step "${name}"`);
      const digest = digestOfStep(loop, name, given?.input);
      return perform<Jsonify<T>>({ kind: "step", name, ...digest, options, perform: fn });
    },
    effect: <T>(...[name, input, given, fn]: Effect<T>) => {
      const options = tryOptions(given, `effect "${name}"`);
      const kept = storable(input, `the input of "${name}"`);
      const digest = fingerprint(loop.world, kept);
      return perform<Jsonify<T>>({ kind: "effect", name, input: kept, digest, options, perform: fn });
    },
    ask: (request: ProgramAsk) => put(request.name ?? "turn", askDraft(loop, request)) as Promise<AskReply>,
    turn: (turn: LedTurn) => put(turn.name, ledDraft(loop, turn)) as Promise<AskReply>,
  };
}

/** A step without an input is known by its name and its place. */
function digestOfStep({ world }: Loop, name: string, input: Json | undefined): { readonly digest?: string } {
  return input === undefined ? {} : { digest: fingerprint(world, storable(input, `the input of step "${name}"`)) };
}

type Unkeyed = Omit<Work, "key" | "scratchpad">;

/** What time, people, callers and children answer. */
function waits(put: Put): Pick<Context, "call" | "pause" | "waitForApproval" | "signal" | "sleep"> {
  return {
    call: <T>(target: string, input: Json, options: CallOptions = {}) => {
      const given = storable(input, `the input of "${target}"`);
      return put(options.name ?? target, (waiting) =>
        callAsk(waiting, { target, input: given, options }),
      ) as Promise<T>;
    },
    pause: (request: PauseRequest = {}) => pauseIn(put, request, { name: "pause", verb: "ctx.pause" }),
    waitForApproval: (request: PauseRequest = {}) => {
      const usual = { name: "approval", verb: "ctx.waitForApproval" };
      return quiet(pauseIn(put, request, usual).then(approvedOnly(request.name ?? usual.name)));
    },
    signal: <T>(signal: string, { name, ...options }: SignalOptions = {}) =>
      put(name ?? `signal:${signal}`, (waiting) => signalAsk(waiting, { signal, ...options }), {
        unnamed: name === undefined,
      }) as Promise<T>,
    // Its value is `null` and not `undefined`, so that a list of results which holds it can be stored.
    sleep: async (until, { name } = {}) => {
      checkMs(until instanceof Date ? until.getTime() : until, "ctx.sleep");
      const unnamed = name === undefined;
      return put(name ?? "sleep", (waiting) => sleepAsk(waiting, until), { unnamed }) as Promise<void>;
    },
  };
}

function pauseIn(put: Put, request: PauseRequest, usual: { readonly name: string; readonly verb: string }) {
  const payload = storable(request.payload, `the payload of ${usual.verb}`);
  return put(request.name ?? usual.name, (waiting) => pauseAsk(waiting, { ...request, payload })) as Promise<Verdict>;
}

/** What is answered at once, or by nobody. */
function sayings(
  loop: Loop,
  branch: Branch,
): Pick<ProgramContext, "now" | "random" | "note" | "progress" | "sayAttempt"> {
  // A loser of a race is answered, and nothing of it is written down.
  const value = (name: string, make: () => number) =>
    branch.isWithdrawn ? make() : loop.values.value(branch.key(name), name, make);
  const say = (command: () => Said) => said(() => (branch.isWithdrawn ? undefined : loop.say(command())));
  return {
    now: () => value("now", () => loop.world.now()),
    random: () => value("random", () => loop.world.random()),
    note: (message, tags = []) => say(() => ({ type: "say_note", key: branch.key("note"), message, tags })),
    sayAttempt: ({ type, data }) =>
      say(() => ({ type: "say_attempt", event: { type, data: { ...data, key: branch.key(type) } } as AttemptEvent })),
    progress: (progress) => say(() => ({ type: "report_progress", key: branch.key("progress"), progress })),
  };
}

/** It is said in the same breath; what cannot be said rejects, also where nobody awaits it. */
function said(say: () => void): Promise<void> {
  return quiet(new Promise((resolve) => resolve(say())));
}

interface Items<T, R> {
  readonly items: readonly T[];
  readonly keyOf: (item: T, index: number) => string;
  readonly fn: (item: T, ctx: ProgramContext) => Promise<R>;
}

async function inBranches<T, R>(loop: Loop, branch: Branch, { items, keyOf, fn }: Items<T, R>): Promise<R[]> {
  const key = branch.key("all");
  const seen = new Set<string>();
  const branches = items.map((item, index) => {
    const name = keyOf(item, index);
    requireText(name, `ctx.all: the key of item ${index}`);
    if (seen.has(name)) throw new StepError("duplicate_key", `ctx.all: two items have the key "${name}"`);
    seen.add(name);
    return { item, context: createContext(loop, branch.child(key, name)) };
  });
  return Promise.all(branches.map(({ item, context }) => fn(item, context)));
}
