/** What the rules answer in each state that a schedule reaches. It asks only `decide` and the folds, and knows nothing of programs. */
import { decide } from "../../../../src/domain/decide/decide.ts";
import type { LiveView } from "../../../../src/domain/decide/decided.ts";
import { NOTHING } from "../../../../src/domain/execution/budget.ts";
import type { Command } from "../../../../src/domain/execution/command.ts";
import type { Entry } from "../../../../src/domain/execution/entry.ts";
import { childIdOf, isAdopted } from "../../../../src/domain/execution/entry.ts";
import type { Event } from "../../../../src/domain/execution/event.ts";
import { EVENT_VERSION } from "../../../../src/domain/execution/event.ts";
import { activeLimit, activeMs } from "../../../../src/domain/execution/state.ts";
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import { timerName } from "../../../../src/domain/execution/timer.ts";
import { evolve } from "../../../../src/domain/fold/evolve.ts";
import { lateFor } from "../people/late-people.ts";
import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";
import { standsStill } from "./stands-still.ts";

/** Asks the rules, and writes nothing: so each state that a schedule reaches is asked about what did not happen in it. */
export const rulesHoldHere: Check = {
  name: "what may not begin in the state that is reached is refused, and what came late is heard",
  asked: "after each harm",
  wrongs: ofEach(broken),
};

const NEVER_ENDS_MS = 3_650 * 86_400_000;
const TRIES: readonly Entry["kind"][] = ["effect", "tool", "turn"];

function broken(world: SimWorld, id: string): string[] {
  const journal = world.living().get(id)?.journal;
  const state = journal?.state;
  if (!journal || !state || journal.standsStill || state.archivedAtMs !== undefined) return [];
  const view: LiveView = { state, index: () => journal.index(), approvals: journal.approvals };
  const entries = [...view.index().entries.values()];
  const late = lateFor(world, id).filter(({ command }) => written(view, command, world.now).length > 0);
  const wrongs = isTerminal(state.status)
    ? [...entries.flatMap((entry) => unheard(view, entry, world.now)), ...endedTwice(view, world.now)]
    : [
        ...entries.flatMap((entry) => [
          ...begunAgain(view, entry, world.now),
          ...firedInVain(view, entry, world.now),
          ...believed(view, entry, world.now),
        ]),
        ...tooEarly(view, world.now),
      ];
  return [
    ...wrongs,
    ...tooLate(view, world.now),
    ...late.map(({ what }) => `D2: ${what} writes something`),
    ...ofApprovals(view, world.now),
    ...adoptedInVain(view, world.now),
    ...triedAgain(view, world.now),
  ].map((wrong) => `${id}: ${wrong}`);
}

function written(view: LiveView, command: Command, now: number): readonly string[] {
  const decided = decide(view, command, now);
  return decided.ok ? decided.events.map(({ type }) => type) : [];
}

const begins = (types: readonly string[]) =>
  types.some((type) => type.endsWith(".started") && !type.startsWith("exec"));

const ANOTHER: Command = { type: "start_entry", key: "another", kind: "effect", name: "another", attempt: 1 };

/** P6: a decision is taken for what was shown, from those who may decide; G2: a repeated one is answered, and writes nothing. */
function ofApprovals(view: LiveView, now: number): string[] {
  const { gates, status } = view.state;
  const decision = (gateId: string) => ({ type: "decide_gate", gateId, decision: "approved", by: "eve" }) as const;
  const isTaken = (command: Command) => written(view, command, now).length > 0;
  const wrongs = [...view.index().approvals].flatMap(([gateId, { decision: before }]) => {
    const open = view.approvals.get(gateId);
    const fires = !open && isTaken({ type: "fire_timer", name: timerName("gate", gateId) });
    const isRefused = before !== undefined && !decide(view, decision(gateId), now).ok;
    const isAnothers = open?.approvers?.includes("eve") === false && isTaken(decision(gateId));
    return [
      ...(open && isTaken({ ...decision(gateId), digest: "another" })
        ? [`P6: "${gateId}" takes what it did not show`]
        : []),
      ...(isAnothers ? [`G3: "${gateId}" is decided by one who may not`] : []),
      ...(isRefused ? [`G2: a repeated decision about "${gateId}" is refused`] : []),
      ...(fires ? [`P6: "${gateId}" is over, and expires`] : []),
    ];
  });
  return gates.requested !== undefined && status === "running"
    ? [...wrongs, "E6: it runs, and is waited for outside"]
    : wrongs;
}

/** V3: a letter that was overtaken says what is so no longer. */
function believed(view: LiveView, entry: Entry, now: number): string[] {
  if (entry.kind !== "child" || entry.status === "done" || entry.childSeq === undefined) return [];
  const { childId, childSeq, childWaiting = false } = entry;
  const letter: Command = { type: "child_waiting", childId, waiting: !childWaiting, seq: childSeq };
  return written(view, letter, now).length > 0 ? [`V3: an overtaken letter of ${childId} is believed`] : [];
}

/** D2: what is in the log once is not begun by saying it again. */
function begunAgain(view: LiveView, entry: Entry, now: number): string[] {
  const { key, kind, name, attempt } = entry;
  const childId = childIdOf(entry);
  const again = (command: Command) =>
    begins(written(view, command, now)) ? [`D2: "${key}" begins by being asked for again`] : [];
  if (isAdopted(entry) || kind === "gate" || kind === "value") return [];
  if (childId === undefined) return again({ type: "start_entry", key, kind, name, attempt });
  const child = { key, name, childId, target: "a.none", digest: "", input: null, limits: {}, grant: NOTHING };
  return [...again({ type: "start_child", ...child }), ...again({ type: "start_child", ...child, key: "another" })];
}

/** J1, E6: a timer ends what has ended no second time, and nothing while an operator is awaited. */
function firedInVain(view: LiveView, { key, status }: Entry, now: number): string[] {
  if (status !== "done" && !standsStill(view.state)) return [];
  return (["sleep", "signal", "retry"] as const).flatMap((kind) =>
    written(view, { type: "fire_timer", name: timerName(kind, key) }, now).length === 0
      ? []
      : [`the ${kind} timer of "${key}" acts, which is ${status} in what is ${view.state.status}`],
  );
}

/** E6: while an operator is awaited nothing new begins. */
function tooEarly(view: LiveView, now: number): string[] {
  if (!standsStill(view.state) || !begins(written(view, ANOTHER, now))) return [];
  return [`E6: something begins while it is ${view.state.status}`];
}

/** P3: what was cancelled takes nobody on. */
function adoptedInVain(view: LiveView, now: number): string[] {
  const adopt = { type: "adopt_child", childId: "exec_too_late", target: "a.none", digest: "" } as const;
  if (view.state.status !== "cancelled" || written(view, adopt, now).length === 0) return [];
  return ["P3: it is cancelled, and takes a child on"];
}

/** P5: an end stays what it was, whatever stands behind it in a log. */
function endedTwice({ state }: LiveView, now: number): string[] {
  const again = { seq: state.seq + 1, atMs: Math.max(now, state.updatedAtMs), actor: "system", v: EVENT_VERSION };
  const ends: readonly Event[] = [
    { ...again, type: "execution.cancelled", data: { reason: "cancelled", by: "eve" } },
    { ...again, type: "execution.succeeded", data: { output: null } },
  ];
  return ends.some((event) => evolve(state, event)?.status !== state.status) ? ["P5: an end is overwritten"] : [];
}

/** E3: a deployment that was tried is not tried again. */
function triedAgain(view: LiveView, now: number): string[] {
  if (view.state.status !== "blocked") return [];
  const tried = { ...view, state: { ...view.state, triedBy: "this one" } };
  const events = written(tried, { type: "retry_program", deployment: "this one" }, now);
  return events.length === 0 ? [] : ["E3: a deployment that was tried is tried again"];
}

/** P4: nothing begins when its time is over, however late its alarm is; D3: or after its end. */
function tooLate(view: LiveView, now: number): string[] {
  const late = now + NEVER_ENDS_MS;
  const isOver = isTerminal(view.state.status) || activeMs(view.state, late) >= activeLimit(view.state).limitMs;
  return isOver && begins(written(view, ANOTHER, late)) ? ["P4: something begins when no time is left"] : [];
}

/** D3: what a try that runs at the end comes to is written down. */
function unheard(view: LiveView, { key, kind, name, attempt, status }: Entry, now: number): string[] {
  if (!TRIES.includes(kind) || status !== "open") return [];
  const ends: Command = { type: "finish_entry", key, kind, name, attempt, outcome: { ok: true, value: null } };
  return written(view, ends, now).length > 0 ? [] : [`D3: the end of "${key}" is not written down`];
}
