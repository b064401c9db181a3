import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Command } from "../../src/domain/execution/command.ts";
import type { Event } from "../../src/domain/execution/event.ts";
import { parseEvent } from "../../src/domain/execution/event-text.ts";
import { isTerminal } from "../../src/domain/execution/status.ts";
import { emptyIndex, foldEntry } from "../../src/domain/fold/entry-index.ts";
import { evolve, fold } from "../../src/domain/fold/evolve.ts";
import { Log, ORIGIN } from "../support/log.ts";
import type { Draft } from "./commands.ts";
import { draft } from "./commands.ts";

const limits = fc.option(
  fc.record(
    { maxTurns: fc.nat(6), maxTokens: fc.nat(120), maxCostUsd: fc.nat(30), maxChildren: fc.nat(3) },
    { requiredKeys: [] },
  ),
);
const granted = fc.option(
  fc.record({ turns: fc.nat(6), tokens: fc.nat(120), costUsd: fc.nat(30), children: fc.nat(3) }),
);
const steps = fc.array(fc.record({ draft, wait: fc.nat(120) }), { maxLength: 40 });
const follows = fc.option(
  fc.record({
    id: fc.constant("exec_0"),
    runId: fc.constant("run"),
    reuse: fc.constantFrom("all-succeeded" as const, "none" as const),
    inputChanged: fc.boolean(),
  }),
);
const story = fc.record({ limits, granted, follows, steps });
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

/** Tells the story command by command. */
function dispatch(
  { limits: own, granted: share, follows: source, steps: told }: Story,
  each: (log: Log, command: Command) => void,
): Log {
  const log = new Log();
  const origin = {
    ...ORIGIN,
    limits: own ?? {},
    ...(share ? { granted: share } : {}),
    ...(source ? { restartedFrom: source } : {}),
  };
  log.dispatch({ type: "create", origin, input: null, files: { upload: "u", items: [] } });
  log.dispatch({ type: "begin" });
  for (const { draft: make, wait } of told) {
    log.now += wait;
    each(log, (make as Draft)(log));
  }
  return log;
}

const RUNS = { numRuns: 1_500 };

describe("whatever is asked of an execution, in whatever order", () => {
  it("no promise is broken", () => {
    fc.assert(
      fc.property(story, (told) => {
        const log = dispatch(told, (at, command) => void at.dispatch(command));

        expect(log.violations()).toEqual([]);
      }),
      RUNS,
    );
  });

  it("its first end stays, with its result", () => {
    fc.assert(
      fc.property(story, (told) => {
        let ended: unknown;
        dispatch(told, (log, command) => {
          log.dispatch(command);
          const { state } = log;
          if (!state || !isTerminal(state.status)) return;
          const end = { status: state.status, finishedAtMs: state.finishedAtMs, resultSeq: state.resultSeq };
          ended ??= end;
          expect(end).toEqual(ended);
        });
      }),
      RUNS,
    );
  });

  it("a command that is repeated at once adds nothing (D2)", () => {
    const additive = ["signal", "add_note", "write_log", "recover"];
    fc.assert(
      fc.property(story, (told) => {
        dispatch(told, (log, command) => {
          log.dispatch(command);
          if (additive.includes(command.type)) return;
          const again = log.dispatch(command);
          expect(again.ok ? again.events : []).toEqual([]);
        });
      }),
      RUNS,
    );
  });

  it("a reader of the log sees what the living see, also in two halves and through storage", () => {
    fc.assert(
      fc.property(story, fc.nat(100), (told, cut) => {
        const log = dispatch(told, (at, command) => void at.dispatch(command));
        const stored = log.events.map((event) => parseEvent(JSON.parse(JSON.stringify(event))));
        const index = emptyIndex();
        for (const event of stored) foldEntry(index, event);
        expect(index).toEqual(log.index);
        const first = fold(stored.slice(0, cut));
        expect(fold(stored.slice(cut), first)).toEqual(log.state);
      }),
      RUNS,
    );
  });

  it("folding never throws, not even a log that is torn, shuffled or from the future", () => {
    fc.assert(
      fc.property(story, fc.array(fc.nat(60)), (told, order) => {
        const log = dispatch(told, (at, command) => void at.dispatch(command));
        const torn = order.flatMap((position) => log.events[position] ?? []);
        const future = { ...log.events[0], type: "execution.teleported", data: {} } as unknown as Event;
        const index = emptyIndex();
        for (const event of [...torn, future]) foldEntry(index, event);
        expect(() => [...torn, future].reduce(evolve, log.state)).not.toThrow();
      }),
      RUNS,
    );
  });
});
