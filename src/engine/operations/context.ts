/** Turns the verbs a program calls into questions for the run loop. One context for each branch of the program. */
import type {
  AttemptContext,
  CallOptions,
  EffectOptions,
  ModelReply,
  PauseRequest,
  SignalOptions,
  StepOptions,
} from "../../define/context.ts";
import { ExecutionFailure, stepError } from "../../define/errors.ts";
import { handedTo } from "../../define/handed-in.ts";
import type { LedTurn, ProgramContext, ProgramModelRequest } from "../../define/program-context.ts";
import type { Verdict } from "../../domain/execution/approval.ts";
import type { AttemptEvent, OneWayCommand } from "../../domain/execution/command.ts";
import type { Json, Jsonify } from "../../domain/values/json.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import type { Activity } from "../activities/activity.ts";
import { Branch } from "../program/branch.ts";
import { attributeChanges, tryOptions } from "../program/options.ts";
import { storable } from "../program/storable.ts";
import { approvalOperation, approvedOnly } from "./approval-operation.ts";
import { fingerprint } from "./determinism.ts";
import { guarded, guardedScratchpad, guardedVerbs, quiet, requireText } from "./guard.ts";
import type { Perform } from "./memory-verbs.ts";
import { memoryVerbs } from "./memory-verbs.ts";
import type { Loop } from "./operation.ts";
import { raced, within } from "./races.ts";
import { recordVerbs } from "./record-verbs.ts";
import type { Submit } from "./submit.ts";
import { activityOperation, submitIn } from "./submit.ts";
import { toolIn } from "./tool-call.ts";
import { ledTurnOperation, modelOperation } from "./turn.ts";
import { checkMs, childOperation, externalOperation, signalOperation, sleepOperation } from "./waiting-operations.ts";

export function createContext(loop: Loop, branch = new Branch()): ProgramContext {
  const origin = loop.journal.state?.origin;
  if (!origin) throw new Error("a program runs only in an execution that exists");
  const submit = submitIn(loop, branch);
  const race = { loop, branch, contextOf: (below: Branch) => createContext(loop, below) };
  return guarded(loop, {
    executionId: origin.id,
    ownedBy: { tenant: origin.tenant, owner: origin.owner },
    runId: origin.runId,
    parentExecutionId: origin.parentId,
    sessionId: origin.sessionId,
    actorId: origin.actorId,
    get abortSignal() {
      return loop.abortSignal;
    },
    scratchpad: guardedScratchpad(loop),
    files: structuredClone(loop.files?.items ?? []),
    services: handedTo(origin.tenant, loop.world.services),
    ...activityVerbs(loop, submit),
    memory: guardedVerbs(loop, "memory", memoryVerbs(loop, performing(loop, submit))),
    records: guardedVerbs(loop, "records", recordVerbs(loop, performing(loop, submit))),
    tool: toolIn(loop, branch, submit),
    ...waits(submit),
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
function activityVerbs(loop: Loop, submit: Submit): Pick<ProgramContext, "step" | "effect" | "generate" | "turn"> {
  const asked = performing(loop, submit);
  const perform = <T>(activity: UnkeyedActivity) => asked(activity) as Promise<T>;
  type Effect<T> = [
    name: string,
    input: Json,
    options: EffectOptions,
    fn: (attempt: AttemptContext) => T | PromiseLike<T>,
  ];
  return {
    step: <T>(name: string, fn: (attempt: AttemptContext) => T | PromiseLike<T>, given?: StepOptions) => {
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
    generate: (request: ProgramModelRequest) =>
      submit(request.name ?? "turn", modelOperation(loop, request)) as Promise<ModelReply>,
    turn: (turn: LedTurn) => submit(turn.name, ledTurnOperation(loop, turn)) as Promise<ModelReply>,
  };
}

function performing(loop: Loop, submit: Submit): Perform {
  return (activity) =>
    submit(activity.name, ({ key }) => activityOperation(loop, { ...activity, key, scratchpad: loop.scratchpad }));
}

/** A step without an input is known by its name and its place. */
function digestOfStep({ world }: Loop, name: string, input: Json | undefined): { readonly digest?: string } {
  return input === undefined ? {} : { digest: fingerprint(world, storable(input, `the input of step "${name}"`)) };
}

type UnkeyedActivity = Omit<Activity, "key" | "scratchpad">;

/** What time, people, callers and children answer. */
function waits(
  submit: Submit,
): Pick<ProgramContext, "external" | "call" | "pause" | "waitForApproval" | "signal" | "sleep"> {
  return {
    external: async ({ name, ...request }) => submit(name, (site) => externalOperation(site, request)) as Promise<Json>,
    call: <T>(target: string, input: Json, options: CallOptions = {}) => {
      const given = storable(input, `the input of "${target}"`);
      return submit(options.name ?? target, (site) =>
        childOperation(site, { target, input: given, options }),
      ) as Promise<T>;
    },
    pause: (request: PauseRequest = {}) => pauseIn(submit, request, { name: "pause", verb: "ctx.pause" }),
    waitForApproval: (request: PauseRequest = {}) => {
      const usual = { name: "approval", verb: "ctx.waitForApproval" };
      return quiet(pauseIn(submit, request, usual).then(approvedOnly(request.name ?? usual.name)));
    },
    signal: <T>(signal: string, { name, ...options }: SignalOptions = {}) =>
      submit(name ?? `signal:${signal}`, (site) => signalOperation(site, { signal, ...options }), {
        unnamed: name === undefined,
      }) as Promise<T>,
    // Its value is `null` and not `undefined`, so that a list of results which holds it can be stored.
    sleep: async (until, { name } = {}) => {
      checkMs(until instanceof Date ? until.getTime() : until, "ctx.sleep");
      const unnamed = name === undefined;
      return submit(name ?? "sleep", (site) => sleepOperation(site, until), { unnamed }) as Promise<void>;
    },
  };
}

function pauseIn(submit: Submit, request: PauseRequest, usual: { readonly name: string; readonly verb: string }) {
  const payload = storable(request.payload, `the payload of ${usual.verb}`);
  return submit(request.name ?? usual.name, (site) =>
    approvalOperation(site, { ...request, payload }),
  ) as Promise<Verdict>;
}

/** Returns the verbs that answer at once (`now`, `random`, `patched`) or give no answer (`note`, `progress`, `sayAttempt`). */
function sayings(
  loop: Loop,
  branch: Branch,
): Pick<ProgramContext, "now" | "random" | "patched" | "note" | "progress" | "setAttributes" | "sayAttempt"> {
  // A loser of a race is answered, and nothing of it is written down.
  const value = (name: string, make: () => number) =>
    branch.isWithdrawn ? make() : loop.values.value(branch.key(name), name, make);
  const say = (command: () => OneWayCommand) => asPromise(() => (branch.isWithdrawn ? undefined : loop.say(command())));
  return {
    now: () => value("now", () => loop.world.now()),
    random: () => value("random", () => loop.world.random()),
    patched: (id, already) => {
      requireText(id, "ctx.patched: the id");
      return loop.values.patched(id, { already, isKept: !branch.isWithdrawn });
    },
    note: (message, tags = []) => say(() => ({ type: "say_note", key: branch.key("note"), message, tags })),
    sayAttempt: ({ type, data }) =>
      say(() => ({ type: "say_attempt", event: { type, data: { ...data, key: branch.key(type) } } as AttemptEvent })),
    setAttributes: (given) =>
      say(() => ({ type: "set_attributes", key: branch.key("attributes"), attributes: attributeChanges(given) })),
    progress: (progress) => say(() => ({ type: "report_progress", key: branch.key("progress"), progress })),
  };
}

/** Calls `act` at once. Returns a promise that rejects when `act` throws, also where the program does not await it. */
function asPromise(act: () => void): Promise<void> {
  return quiet(new Promise((resolve) => resolve(act())));
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
    if (seen.has(name)) throw stepError("duplicate_key", `ctx.all: two items have the key "${name}"`);
    seen.add(name);
    return { item, context: createContext(loop, branch.child(key, name)) };
  });
  return Promise.all(branches.map(({ item, context }) => fn(item, context)));
}
