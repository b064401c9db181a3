/** Random commands, sensible and absurd, for stories that are told to `decide`. Knows no property: it only tells. */

import fc from "fast-check";
import type { Amount } from "../../src/domain/execution/budget.ts";
import { NOTHING } from "../../src/domain/execution/budget.ts";
import type { Command } from "../../src/domain/execution/command.ts";
import type { EntryKind } from "../../src/domain/execution/entry.ts";
import { loggedCode } from "../../src/domain/execution/error-code.ts";
import type { Log } from "../support/log.ts";
import { ORIGIN } from "../support/log.ts";

/** A command that looks at the log first: so sensible ones are as likely as absurd ones. */
export type Draft = (log: Log) => Command;

const key = fc.constantFrom("a", "b", "c");
const gateId = fc.constantFrom("g1", "g2", "g3");
const childId = fc.constantFrom("k1", "k2");
const by = fc.constant("ann");
const part = fc.double({ min: 0, max: 1, noNaN: true });
const anyKind = fc.constantFrom<EntryKind>("step", "effect", "tool", "turn", "sleep", "signal");
const amount = fc.record({ turns: fc.nat(3), tokens: fc.nat(50), costUsd: fc.nat(10), children: fc.nat(1) });
const error = { code: loggedCode("error"), message: "it failed" };

const share = (whole: Amount, fraction: number): Amount => ({
  turns: Math.floor(whole.turns * fraction),
  tokens: Math.floor(whole.tokens * fraction),
  costUsd: whole.costUsd * fraction,
  children: Math.floor(whole.children * fraction),
});
const reserveOf = (log: Log, entry: string) => log.index.entries.get(entry)?.reserve ?? NOTHING;
/** Approvals and children are answered by others: to answer them is absurd, and refused. */
const knownKind = (log: Log, entry: string, otherwise: EntryKind) => {
  const known = log.index.entries.get(entry)?.kind ?? otherwise;
  return known === "gate" || known === "child" ? otherwise : known;
};
const openApprovals = (log: Log) => [...log.gates.keys()];
const oneOf = (list: readonly string[], fraction: number, otherwise: string) =>
  list[Math.floor(fraction * list.length * 0.999)] ?? otherwise;

const start = fc
  .record({ key, kind: anyKind, idempotent: fc.boolean(), amount, timeout: fc.option(fc.nat(500)), more: fc.nat(2) })
  .map(
    ({ more, timeout, amount: reserve, ...given }): Draft =>
      (log) => {
        const known = log.index.entries.get(given.key);
        const sensible = known !== undefined && known.kind !== "gate" && known.kind !== "child";
        const kind = sensible ? known.kind : given.kind;
        const waits = kind === "sleep" ? { wakeAtMs: log.now + 300 } : kind === "signal" ? { signal: "s" } : {};
        return {
          type: "start_entry",
          ...given,
          kind,
          name: given.key,
          attempt: known ? known.attempt + more : 1,
          ...waits,
          ...(kind === "turn" ? { reserve: { ...reserve, children: 0 } } : {}),
          ...(timeout === null || "wakeAtMs" in waits || "signal" in waits ? {} : { timeoutAtMs: log.now + timeout }),
        };
      },
  );

const finish = fc.record({ key, kind: anyKind, ok: fc.boolean(), again: fc.boolean(), fraction: part }).map(
  ({ ok, again, fraction, ...given }): Draft =>
    (log) => {
      const reserve = reserveOf(log, given.key);
      const found = knownKind(log, given.key, given.kind);
      const retries = !ok && again && found !== "sleep" && found !== "signal";
      return {
        type: "finish_entry",
        ...given,
        kind: found,
        name: given.key,
        attempt: log.index.entries.get(given.key)?.attempt ?? 1,
        outcome: ok ? { ok, value: 1 } : { ok, error },
        ...(retries ? { retryAtMs: log.now + 100 } : {}),
        ...(found === "turn" ? { usage: share(reserve, fraction) } : {}),
      };
    },
);

const openGate = fc
  .record({ key, gateId, onReject: fc.constantFrom("cancel" as const, "continue" as const), expires: fc.boolean() })
  .map(
    ({ expires, ...given }): Draft =>
      (log) => ({
        type: "open_gate",
        ...given,
        name: given.key,
        kind: "pause",
        payload: null,
        payloadDigest: "p",
        ...(expires ? { expiresAtMs: log.now + 200 } : {}),
      }),
  );

const decideApproval = fc
  .record({
    fraction: part,
    gateId,
    decision: fc.constantFrom("approved" as const, "rejected" as const, "request_changes" as const),
  })
  .map(
    ({ fraction, ...given }): Draft =>
      (log) => ({
        type: "decide_gate",
        by: "ann",
        decision: given.decision,
        gateId: oneOf(openApprovals(log), fraction, given.gateId),
      }),
  );

const requestApproval = gateId.map(
  (given): Draft =>
    (log) => ({
      type: "request_approval",
      gateId: given,
      claimedUntilMs: log.now,
      payload: null,
      payloadDigest: "p",
      expiresAtMs: log.now + 200,
      by: "ann",
    }),
);

const resolve = fc
  .record({ key, resolution: fc.constantFrom("retry" as const, "succeeded" as const, "failed" as const), by })
  .map(
    (given): Draft =>
      () => ({ type: "resolve_effect", ...given }),
  );

const startChild = fc.record({ key, childId, amount }).map(
  ({ amount: grant, ...given }): Draft =>
    () => ({
      type: "start_child",
      ...given,
      name: given.key,
      target: "a.f",
      digest: "d",
      input: null,
      limits: {},
      grant,
    }),
);

const childFinished = fc.record({ childId, fraction: part }).map(
  ({ childId: id, fraction }): Draft =>
    (log) => ({
      type: "child_finished",
      childId: id,
      status: "succeeded",
      outcome: { ok: true, value: 1 },
      usage: share(reserveOf(log, log.index.keyOfChild.get(id) ?? ""), fraction),
    }),
);

const draw = fc.record({ childId, drawId: fc.constantFrom("d1", "d2", "d3"), amount }).map(
  (given): Draft =>
    () => ({ type: "draw_budget", ...given, amount: { ...given.amount, children: 0 } }),
);

const fire = fc.record({
  fraction: part,
  name: fc.constantFrom("active:", "deadline:", "sleep:a", "retry:b", "gate:g1", "timeout:c"),
});
const fireTimer = fire.map(
  ({ fraction, name }): Draft =>
    (log) => ({
      type: "fire_timer",
      name: oneOf([...log.timers.keys()], fraction, name),
    }),
);

const plain = (...commands: readonly Command[]) =>
  fc.constantFrom(...commands).map(
    (command): Draft =>
      () =>
        command,
  );

const simple = plain(
  { type: "create", origin: ORIGIN, input: null },
  { type: "create", origin: { ...ORIGIN, digest: "other" }, input: null },
  { type: "pause", by: "ann" },
  { type: "resume", by: "ann" },
  { type: "resume", by: "ann" },
  { type: "signal", signals: [{ name: "s", data: 1 }], by: "ann" },
  {
    type: "signal",
    signals: [
      { name: "other", data: 2 },
      { name: "s", data: 3 },
    ],
    by: "ann",
  },
  { type: "add_note", message: "hm", tags: [], by: "ann" },
  { type: "write_log", entries: [{ level: "info", message: "hm" }], by: "ann" },
  { type: "adopt_child", childId: "k2", target: "a.f", digest: "d" },
  { type: "begin" },
  { type: "come_to_rest" },
  { type: "come_to_rest" },
  { type: "say_note", key: "note", message: "well", tags: [] },
  { type: "report_progress", key: "progress", progress: { percent: 5 } },
  { type: "add_grant", drawId: "up", amount: { ...NOTHING, tokens: 40 } },
  { type: "allow_retry", key: "a", by: "probe" },
  { type: "recover" },
);
const offer = fc.record({ key, kind: anyKind, begun: fc.boolean(), done: fc.boolean(), fresh: fc.boolean() }).map(
  ({ begun, done, fresh, ...given }): Draft =>
    (log) => ({
      type: "inherit",
      offset: fresh ? (log.state?.inherits?.offset ?? 0) : 0,
      upto: 5,
      done,
      offers: [{ ...given, name: given.key, from: "exec_0", ...(begun ? {} : { output: 1 }) }],
    }),
);
/** Some letters come late. */
const childWaiting = fc.record({ waiting: fc.boolean(), late: fc.boolean() }).map(
  ({ waiting, late }): Draft =>
    (log) => ({ type: "child_waiting", childId: "k1", waiting, seq: late ? 1 : (log.state?.seq ?? 0) }),
);
const reuse = key.map(
  (given): Draft =>
    () => ({ type: "reuse_entry", key: given }),
);
const restart = fc.record({ id: fc.constantFrom("exec_2", "exec_3"), digest: fc.constantFrom("d1", "d2") }).map(
  (given): Draft =>
    () => ({
      type: "restart",
      runId: "run",
      scope: "execution",
      reuse: "all-succeeded",
      fork: false,
      by: "ann",
      ...given,
    }),
);
const ends = plain(
  { type: "cancel", by: "ann" },
  { type: "succeed", output: 1 },
  { type: "fail", code: loggedCode("x"), message: "y" },
  { type: "exceed_budget", limit: "max_turns" },
  { type: "block", reason: "program_changed" },
  { type: "retry_program", deployment: "d1" },
  { type: "retry_program", deployment: "d2" },
);
const doubt = fc.record({ key, gateId }).map(
  (given): Draft =>
    () => ({ type: "doubt_effect", ...given, payload: null, payloadDigest: "p" }),
);

export const draft: fc.Arbitrary<Draft> = fc.oneof(
  { weight: 6, arbitrary: start },
  { weight: 5, arbitrary: finish },
  { weight: 6, arbitrary: simple },
  { weight: 2, arbitrary: fc.oneof(openGate, decideApproval, requestApproval, doubt, resolve) },
  { weight: 2, arbitrary: fc.oneof(offer, reuse, reuse, restart) },
  { weight: 2, arbitrary: fc.oneof(startChild, childWaiting, childFinished, draw, fireTimer) },
  { weight: 1, arbitrary: ends },
);
