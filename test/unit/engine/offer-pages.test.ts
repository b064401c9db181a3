/** What a follower costs its source: the log is folded once, and each page reads the rows of its own values. */
import { describe, expect, it } from "vitest";
import type { Command } from "../../../src/domain/execution/command.ts";
import { ReusablePages } from "../../../src/engine/execution/reusable-pages.ts";
import { Journal } from "../../../src/engine/journal/journal.ts";
import type { Store, World } from "../../../src/engine/ports.ts";
import { DEFAULT_TIMING } from "../../../src/engine/ports.ts";
import { ORIGIN } from "../../support/log.ts";
import { SimStore } from "../../support/simulator/actors/sim-store.ts";

const QUERY = { reuse: "all-succeeded", inputChanged: false } as const;

/** A source with so many effects, each with an output of so many characters, each in two rows of the log. */
function source({ effects, characters }: { effects: number; characters: number }) {
  const disk = new SimStore(() => {});
  const store = disk.handle(() => true);
  const seen = { rows: 0 };
  const counting: Store = {
    ...store,
    *rows(after) {
      for (const row of store.rows(after)) {
        seen.rows += 1;
        yield row;
      }
    },
  };
  const world = { now: () => 1_000, later: () => () => {}, log: () => {} } as unknown as World;
  const journal = new Journal(counting, world, DEFAULT_TIMING);
  const dispatch = (...commands: readonly Command[]) => {
    for (const command of commands) expect(journal.dispatch(command, "t").ok).toBe(true);
    void journal.flush();
  };
  dispatch({ type: "create", origin: ORIGIN, input: null }, { type: "begin" });
  for (let n = 0; n < effects; n += 1) {
    const entry = { key: `e${n}`, kind: "effect", name: `e${n}`, attempt: 1 } as const;
    dispatch({ type: "start_entry", ...entry });
    dispatch({ type: "finish_entry", ...entry, outcome: { ok: true, value: `${n}`.padEnd(characters, "x") } });
  }
  dispatch({ type: "succeed", output: null });
  return { journal, seen, rows: 2 * effects + 2 };
}

/** All pages, as a follower asks for them. */
function pagesOf(offers: ReusablePages): { keys: string[]; pages: number } {
  const keys: string[] = [];
  let pages = 0;
  for (let upto: number | undefined, done = false; !done; pages += 1) {
    const page = offers.page({ ...QUERY, offset: keys.length, upto });
    keys.push(...page.offers.map(({ key }) => key));
    ({ upto, done } = page);
  }
  return { keys, pages };
}

describe("a source with many pages", () => {
  it("is read once for its index, and each row of values once more", () => {
    const { journal, seen, rows } = source({ effects: 60, characters: 100_000 });
    seen.rows = 0;
    const { keys, pages } = pagesOf(new ReusablePages(journal, { digest: (text) => text }));
    expect(keys).toEqual(Array.from({ length: 60 }, (_, n) => `e${n}`));
    expect(pages).toBeGreaterThanOrEqual(15);
    expect(seen.rows).toBeLessThanOrEqual(2 * rows + 2 * pages);
  });

  it("answers the same page again, and any page to a process that knows nothing of the others", () => {
    const { journal } = source({ effects: 12, characters: 150_000 });
    const offers = new ReusablePages(journal, { digest: (text) => text });
    const { upto } = offers.page({ ...QUERY, offset: 0 });
    for (const offset of [4, 4, 0, 11, 12, 2]) {
      const keys = (pages: ReusablePages) => pages.page({ ...QUERY, offset, upto }).offers.map(({ key }) => key);
      expect(keys(offers)).toEqual(keys(new ReusablePages(journal, { digest: (text) => text })));
    }
  });

  it("offers up to the same event on all pages, whatever comes late", () => {
    const { journal } = source({ effects: 3, characters: 300_000 });
    const offers = new ReusablePages(journal, { digest: (text) => text });
    const { upto } = offers.page({ ...QUERY, offset: 0 });
    journal.dispatch({ type: "add_note", message: "late", tags: [], by: "ann" }, "ann");
    void journal.flush();
    expect(offers.page({ ...QUERY, offset: 2, upto })).toMatchObject({ upto, done: true });
  });
});
