/** Turns the verbs a program calls into questions for the run loop. One context for each branch of the program. */
import type {
  AskReply,
  AskRequest,
  CallOptions,
  Context,
  EffectOptions,
  PauseRequest,
  RetryPolicy,
  Try,
} from "../define/context.ts";
import { ExecutionFailure, StepError } from "../define/errors.ts";
import type { Verdict } from "../domain/gate.ts";
import type { Json } from "../domain/json.ts";
import { canonicalJson } from "../domain/json.ts";
import type { Ask } from "./ask.ts";
import { deferred } from "./ask.ts";
import { Branch } from "./branch.ts";
import type { RunLoop } from "./run-loop.ts";
import { storable } from "./storable.ts";
import { turnWork } from "./turn.ts";
import type { Waiting } from "./waits.ts";
import { callAsk, pauseAsk, signalAsk, sleepAsk } from "./waits.ts";
import type { Work } from "./works.ts";

type Draft = Omit<Ask, "settle" | "key" | "name">;

export function createContext(loop: RunLoop, branch = new Branch()): Context {
  const origin = loop.journal.state?.origin;
  if (!origin) throw new Error("a program runs only in an execution that exists");

  /** Names the question, hands it to the loop, and frees the name when it is answered. */
  function put(name: string, draft: (waiting: Waiting) => Draft): Promise<Json> {
    if (!branch.enter(name)) {
      const message = `two open calls are named "${name}" in one branch: name them apart, or use ctx.all`;
      return quiet(Promise.reject(new StepError("duplicate_key", message)));
    }
    const key = branch.key(name);
    const { promise, settle } = deferred();
    const answered: Ask["settle"] = (outcome) => {
      branch.leave(name);
      settle(outcome);
    };
    loop.ask({ key, name, settle: answered, ...draft({ key, name, loop }) });
    return quiet(promise);
  }

  function perform(work: Omit<Work, "key">): Promise<Json> {
    return put(work.name, ({ key }) => {
      const keyed: Work = { ...work, key, scratchpad: loop.scratchpad };
      return {
        kind: work.kind,
        ...(work.digest === undefined ? {} : { digest: work.digest }),
        begin: () => loop.works.begin(keyed),
        resume: (entry) => loop.works.resume(keyed, entry),
      };
    });
  }

  return {
    executionId: origin.id,
    runId: origin.runId,
    sessionId: origin.sessionId,
    actorId: origin.actorId,
    abortSignal: loop.abortSignal,
    scratchpad: loop.scratchpad,

    step: <T>(name: string, fn: (attempt: Try) => T | Promise<T>, options: RetryPolicy = {}) =>
      perform({ kind: "step", name, options, perform: fn }) as Promise<T>,

    effect: <T>(name: string, input: Json, options: EffectOptions, fn: (attempt: Try) => T | Promise<T>) => {
      const given = storable(input, `the input of "${name}"`);
      const digest = loop.world.digest(canonicalJson(given));
      return perform({ kind: "effect", name, input: given, digest, options, perform: fn }) as Promise<T>;
    },

    ask: (request: AskRequest) =>
      perform(turnWork(loop.world, request)) as Promise<Json> as Promise<unknown> as Promise<AskReply>,

    call: <T>(target: string, input: Json, options: CallOptions = {}) =>
      put(options.name ?? target, (waiting) =>
        callAsk(waiting, { target, input: storable(input, `the input of "${target}"`), options }),
      ) as Promise<T>,

    pause: (request: PauseRequest = {}) =>
      put(request.name ?? "pause", (waiting) => pauseAsk(waiting, request)) as Promise<unknown> as Promise<Verdict>,

    signal: <T>(name: string, options: { readonly timeoutMs?: number } = {}) =>
      put(`signal:${name}`, (waiting) => signalAsk(waiting, { signal: name, ...options })) as Promise<T>,

    sleep: async (until: number | Date) => {
      const duration = until instanceof Date ? until.getTime() : until;
      if (!Number.isFinite(duration)) throw new RangeError("ctx.sleep needs a number of milliseconds or a valid Date");
      await put("sleep", (waiting) => sleepAsk(waiting, until));
    },

    now: () => loop.value(branch.key("now"), "now", () => loop.world.now()),
    random: () => loop.value(branch.key("random"), "random", () => loop.world.random()),
    note: (message, tags = []) => loop.say({ type: "say_note", key: branch.key("note"), message, tags }),
    progress: (progress) => loop.say({ type: "report_progress", key: branch.key("progress"), progress }),

    all: async (items, keyOf, fn) => {
      const key = branch.key("all");
      const seen = new Set<string>();
      const branches = items.map((item, index) => {
        const name = keyOf(item, index);
        if (seen.has(name)) throw new StepError("duplicate_key", `ctx.all: two items have the key "${name}"`);
        seen.add(name);
        return { item, context: createContext(loop, branch.child(key, name)) };
      });
      return Promise.all(branches.map(({ item, context }) => fn(item, context)));
    },

    fail: (code, message) => {
      throw new ExecutionFailure(code, message);
    },
  };
}

/** A call nobody awaits may fail: that is in the journal, and no unhandled rejection of the process. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
