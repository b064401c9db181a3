/** What a page draws of a log that grows: the same as from the start at each instant, each event read once, nothing out of date. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { eventBody } from "../../../src/contract/executions/event-body.ts";
import { ExecutionLog } from "../../../src/dashboard/execution/execution-log.ts";
import { grownWithEvents, Prefix } from "../../../src/dashboard/execution/prefix.ts";
import type { Event } from "../../../src/domain/execution/event.ts";
import { ORIGIN } from "../../support/log.ts";

const KINDS = ["step.started", "step.completed", "step.failed", "execution.waiting", "execution.resumed"];
const logOf = (kinds: readonly number[]): Event[] =>
  kinds.map((kind, at) => {
    const key = `k${at % 3}`;
    const error = { code: "x", message: "no" };
    const data = { key, kind: "effect", name: key, attempt: 1, reason: `r${kind}`, ...(kind === 2 ? { error } : {}) };
    return { seq: at + 1, atMs: 1_000 + at, actor: "program", v: 1, type: KINDS[kind], data } as unknown as Event;
  });

test("at whatever instant, in whatever order they are looked at, it shows what the events up to it give", () => {
  const kinds = fc.array(fc.nat(4), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(kinds, fc.array(fc.nat(30), { maxLength: 20 }), (drawn, looks) => {
      const log = logOf(drawn);
      const prefix = new Prefix();
      for (const look of looks) {
        const length = Math.min(look, log.length);
        const { events, trace } = prefix.to(log, length);
        expect(events).toEqual(log.slice(0, length));
        expect(trace).toEqual(new Prefix().to(log, length).trace);
      }
    }),
    { numRuns: 100 },
  );
});

test("reads each event of a log that grows once, however often it is drawn", () => {
  let reads = 0;
  const log: Event[] = new Proxy(logOf(Array.from({ length: 2_000 }, (_, at) => at % 5)), {
    get(target, name, receiver) {
      if (typeof name === "string" && /^\d+$/.test(name)) reads += 1;
      return Reflect.get(target, name, receiver);
    },
  });
  const prefix = new Prefix();
  for (let length = 1; length <= log.length; length += 1) for (const _ of [1, 2]) prefix.to(log, length);
  expect(reads).toBe(log.length);
});

test("a fold that grows gives what it gives from the start, at whatever instant, and reads each event of a growing log once", () => {
  let reads = 0;
  const typesOf = () =>
    grownWithEvents({
      begin: (): string[] => [],
      read: (types, event) => {
        reads += 1;
        types.push(`${event.seq} ${event.type}`);
      },
      give: (types) => types.join(),
    });
  const fresh = (events: readonly Event[]) => typesOf()(events);
  const kinds = fc.array(fc.nat(4), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(kinds, kinds, fc.array(fc.tuple(fc.boolean(), fc.nat(20)), { maxLength: 20 }), (a, b, looks) => {
      const logs = [logOf(a), logOf(b)];
      const fold = typesOf();
      for (const [first, look] of looks) {
        const events = (logs[first ? 0 : 1] ?? []).slice(0, look);
        expect(fold(events)).toBe(fresh(events));
      }
    }),
    { numRuns: 100 },
  );
  const log = logOf(Array.from({ length: 500 }, (_, at) => at % 5));
  const fold = typesOf();
  reads = 0;
  for (let length = 1; length <= log.length; length += 1) fold(log.slice(0, length));
  expect(reads).toBe(log.length);
});

test("a log that has grown hands out another array and another trace, and else the same", () => {
  const log = new ExecutionLog();
  const take = (seq: number, type: string, data: object) =>
    log.take({
      type: "event",
      event: eventBody({ seq, type, atMs: 1_000 + seq, actor: "ann", v: 1, data } as unknown as Event),
    });
  const note = (seq: number) => take(seq, "note.added", { message: "n", tags: [] });
  take(1, "execution.created", { origin: ORIGIN, input: "words" });
  note(2);
  const { events, trace } = log.upTo(undefined);
  expect([log.upTo(undefined).events === events, log.upTo(undefined).trace === trace]).toEqual([true, true]);
  note(3);
  expect([log.upTo(undefined).events === events, log.upTo(undefined).trace === trace]).toEqual([false, false]);
  expect(events).toHaveLength(2);
  expect(log.upTo(undefined).events).toHaveLength(3);
});
