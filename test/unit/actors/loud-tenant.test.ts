/** Two tenants' projectors before one database, which writes one batch after the other. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WriteBatcher } from "../../../src/actors/projector/write-batcher.ts";

const WRITE_MS = 5;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** D1: one writer, one batch at a time. */
function database() {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => new Promise((resolve) => setTimeout(resolve, WRITE_MS)));
    return last;
  };
}

function projector(write: () => Promise<void>) {
  return new WriteBatcher<string>({
    write,
    written: () => {},
    isUp: async () => true,
    deadLetter: async () => {},
    nameOf: (entry) => entry,
    seqOf: () => 1,
    isHolding: () => false,
    hold: () => false,
  });
}

test("ten thousand rows of a loud tenant do not delay another's: it waits for one batch of the loud one, and not for all", async () => {
  const begun = Date.now();
  const write = database();
  const [loud, quiet] = [projector(write), projector(write)];
  const all = Promise.all(Array.from({ length: 10_000 }, (_, n) => loud.add(`loud ${n}`))).then(
    () => Date.now() - begun,
  );
  const own = quiet.add("quiet").then(() => Date.now() - begun);
  await vi.runAllTimersAsync();
  expect(await all).toBeGreaterThanOrEqual(200 * WRITE_MS);
  // Its own batch closes after 40 ms without another row.
  expect(await own).toBeLessThanOrEqual(40 + 3 * WRITE_MS);
});
