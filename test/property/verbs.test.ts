/** Whatever a program hands to its verbs: each answers or rejects, and the log reads back as it was written. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Context } from "../../src/define/context.ts";
import { parseEvent } from "../../src/domain/execution/event-text.ts";
import { isTerminal } from "../../src/domain/execution/status.ts";
import { emptyIndex, foldEntry } from "../../src/domain/fold/entry-index.ts";
import { fold } from "../../src/domain/fold/evolve.ts";
import { canonicalJson } from "../../src/domain/values/json.ts";
import { MAX_ROW_BYTES, utf8Bytes } from "../../src/domain/values/json-text.ts";
import { decider } from "../support/simulator/people/people.ts";
import type { OddVerb } from "../support/simulator/programs/odd-verbs.ts";
import { ODD_VERBS } from "../support/simulator/programs/odd-verbs.ts";
import type { SimWorld } from "../support/simulator/sim-world.ts";
import { worldOf } from "../support/simulator/small-world.ts";

const huge = fc.constantFrom("x".repeat(1_450_000), ["é".repeat(760_000)], {
  deep: { text: "\u0000".repeat(300_000) },
});
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, 1e300, -0),
);
const anything = fc.oneof(
  { weight: 5, arbitrary: fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true }) },
  { weight: 2, arbitrary: number },
  { weight: 2, arbitrary: fc.string() },
  { weight: 1, arbitrary: huge },
);

type Call = readonly [verb: keyof typeof ODD_VERBS, a: unknown, b: unknown, c: unknown];

const calls: fc.Arbitrary<Call[]> = fc.array(
  fc.tuple(fc.constantFrom(...(Object.keys(ODD_VERBS) as (keyof typeof ODD_VERBS)[])), anything, anything, anything),
  { minLength: 1, maxLength: 6 },
);

/** Verbs before the last one are heard out: what one rejects with is not the end. The last one may be. */
function programOf(given: readonly Call[], output: unknown) {
  return async (ctx: Context) => {
    for (const [position, [verb, a, b, c]] of given.entries()) {
      const made = Promise.resolve().then(() => (ODD_VERBS[verb] as OddVerb)(ctx, { a, b, c } as never));
      if (position === given.length - 1) await made;
      else await made.catch(() => {});
    }
    return output;
  };
}

/** Until it ended, or nothing but a signal is awaited. */
async function settle(world: SimWorld): Promise<void> {
  for (let tick = 0; tick < 150; tick += 1) {
    await world.quiet();
    const { state } = world.root.view;
    if (state && isTerminal(state.status) && tick > 60) return;
    if (!(await world.tick())) return;
  }
}

function wrongsOf(world: SimWorld): string[] {
  const wrongs = [...world.wrongs];
  for (const [id, { view }] of world.stores) {
    const { log, state } = view;
    const texts = log.flat();
    const events = texts.map((text) => parseEvent(JSON.parse(text)));
    if (events.some(({ type }) => (type as string) === "event.unreadable"))
      wrongs.push(`${id} holds what it cannot read`);
    if (texts.some((text) => utf8Bytes(text) > MAX_ROW_BYTES)) wrongs.push(`${id} holds a row that is too large`);
    if (canonicalJson(fold(events)) !== canonicalJson(state)) wrongs.push(`${id}: folding does not give its state`);
    const read = emptyIndex();
    for (const event of events) foldEntry(read, event);
    const live = world.living().get(id)?.journal.index();
    if (live && canonicalJson([...live.entries.values()]) !== canonicalJson([...read.entries.values()]))
      wrongs.push(`${id}: its journal is not what its log says`);
  }
  return wrongs;
}

const endOf = (world: SimWorld) => {
  const { state, events } = world.root.view;
  return canonicalJson([state?.status, state?.errorCode, events.at(-1)?.data]);
};

const RUNS = Number(process.env.VERB_RUNS ?? 150);

it("any verbs with any values leave a log that is loaded and says the same", { timeout: 1_000 * RUNS }, async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(calls, anything, fc.integer({ min: 1, max: 9 }), async (given, output, seed) => {
      const programs = { now: { main: programOf(given, output), child: async () => "child" } };
      const world = worldOf(programs, { seed, people: [decider] });
      await settle(world);
      expect(wrongsOf(world).slice(0, 3)).toEqual([]);
      const hasEnded = isTerminal(world.root.view.state?.status ?? "pending");
      const before = endOf(world);
      world.evict();
      await settle(world);
      expect(wrongsOf(world).slice(0, 3)).toEqual([]);
      if (hasEnded) expect(endOf(world)).toEqual(before);
      const { status = "none", errorCode = "" } = world.root.view.state ?? {};
      seen.set(`${status} ${errorCode}`, (seen.get(`${status} ${errorCode}`) ?? 0) + 1);
    }),
    { numRuns: RUNS },
  );
  expect([...seen.keys()].some((end) => end.startsWith("succeeded"))).toBe(true);
});
