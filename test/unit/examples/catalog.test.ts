import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Tally } from "../../../src/examples/catalog/audit.ts";
import {
  AuditReport,
  createAuditor,
  EMPTY_TALLY,
  mergeTallies,
  reportOf,
} from "../../../src/examples/catalog/audit.ts";
import { film, movies } from "../../../src/examples/catalog/movies.ts";
import { RULES } from "../../../src/examples/catalog/rules.ts";
import { catalog } from "../../../src/examples/catalog.ts";
import { memoryContext, run } from "./memory-context.ts";

/** Counted by hand with Python's json, datetime.strptime and Counter: [missing, malformed, out of range]. */
const TRUE_FIGURES: Readonly<Record<string, readonly [number, number, number]>> = {
  Title: [1, 27, 0],
  "US Gross": [7, 0, 0],
  "Worldwide Gross": [7, 0, 47],
  "US DVD Sales": [2637, 0, 0],
  "Production Budget": [1, 0, 0],
  "Release Date": [0, 8, 22],
  "MPAA Rating": [605, 2, 0],
  "Running Time min": [1992, 0, 0],
  Distributor: [232, 0, 0],
  Source: [365, 0, 0],
  "Major Genre": [275, 0, 0],
  "Creative Type": [446, 0, 0],
  Director: [1331, 0, 0],
  "Rotten Tomatoes Rating": [880, 0, 0],
  "IMDB Rating": [213, 0, 0],
  "IMDB Votes": [213, 0, 0],
};

describe("the movies table", () => {
  it("holds exactly what its source holds", async () => {
    const rows = await Promise.all(Array.from({ length: 3_201 }, (_, index) => film(index + 1)));
    expect(await film(3_202)).toBeUndefined();
    const digest = createHash("sha256").update(JSON.stringify(rows)).digest("hex");
    // Of JSON.stringify(JSON.parse(the file of vega-datasets 3.2.1)).
    expect(digest).toBe("80608f6a2b298fbc09fa80e98043657d14c146ad44a7b4a0bfbed51ce0c32fe0");
  });
});

describe("the audit of the movies table", () => {
  it("finds the true figures of all 3,201 rows, in chunks of any size", async () => {
    for (const chunk_size of [10, 100, 997, 10_000]) {
      const report = AuditReport.parse(await run(catalog, "audit", { input: { chunk_size, pace_ms: 0 } }));
      const figures = report.columns.map((it) => [
        it.column,
        [it.missing.count, it.malformed.count, it.out_of_range.count],
      ]);
      expect(report.rows).toBe(3201);
      expect(Object.fromEntries(figures)).toEqual(TRUE_FIGURES);
      expect([report.duplicate_rows.count, report.duplicate_titles.count]).toEqual([0, 24]);
    }
  });

  it("shows the first three examples of a defect with their row numbers", async () => {
    const report = AuditReport.parse(await run(catalog, "audit", { input: { pace_ms: 0 } }));
    const [title] = report.columns;
    expect(title?.malformed.examples).toEqual([
      { row: 22, value: 1776 },
      { row: 23, value: 1941 },
      { row: 41, value: "AstÈrix aux Jeux Olympiques" },
    ]);
    expect(report.duplicate_titles.examples[0]).toEqual({ row: 27, value: "20,000 Leagues Under the Sea" });
  });

  it("takes 33 steps by default and rests 100 ms between them", async () => {
    const ctx = memoryContext();
    await run(catalog, "audit", { input: {}, ctx });
    expect(ctx.asked.filter((name) => name === "step chunk")).toHaveLength(33);
    expect(ctx.sleptMs).toBe(3_200);
    expect(ctx.reports.at(-1)).toEqual({ done: 3201, total: 3201, message: "rows 3201 to 3201 of 3201" });
  });

  it("keeps what a step leaves in the journal small", async () => {
    const { audit, rows } = await movies();
    for (let from = 0; from < rows; from += 100)
      expect(JSON.stringify(audit(from, from + 100)).length).toBeLessThan(4_000);
  });
});

const anyValue = fc.oneof(
  fc.constantFrom(null, "", "R", "Open", "Dec 31 1969", "Jun 12 1998", "Feb 30 2001", "Jan 01 2040", "LÈon"),
  fc.double(),
  fc.integer({ min: -5, max: 400 }),
  fc.boolean(),
  fc.array(fc.integer(), { maxLength: 2 }),
);
const anyRow = fc.record({
  ...Object.fromEntries(RULES.map(({ column }) => [column, anyValue])),
  Title: fc.constantFrom("a", "A ", "b", 1776, null),
});

describe("tallies", () => {
  it("add up to the tally of the whole, over any chunking and in any order", () => {
    const tables = fc.array(anyRow, { maxLength: 40 });
    const cuts = fc.array(fc.nat(40), { maxLength: 6 });
    fc.assert(
      fc.property(tables, cuts, fc.infiniteStream(fc.nat()), (table, inner, shuffle) => {
        const { audit, rows } = createAuditor(table);
        const edges = [...new Set([0, rows, ...inner.filter((cut) => cut < rows)])].sort((a, b) => a - b);
        const chunks = edges.slice(1).map((to, index) => audit(edges[index] ?? 0, to));
        const shuffled = chunks
          .map((chunk) => ({ chunk, at: shuffle.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ chunk }) => chunk);
        expect(reportOf(sumOf(shuffled))).toEqual(reportOf(audit(0, rows)));
      }),
    );
  });

  it("stay the same when an empty one is added", async () => {
    const tally = (await movies()).audit(0, 50);
    expect(mergeTallies(EMPTY_TALLY, tally)).toEqual(tally);
    expect(mergeTallies(tally, EMPTY_TALLY)).toEqual(tally);
  });

  const sumOf = (tallies: readonly Tally[]): Tally => tallies.reduce(mergeTallies, EMPTY_TALLY);
});

describe("a rule", () => {
  const judge = (column: string, value: unknown) =>
    RULES.find((rule) => rule.column === column)?.judge(value) ?? "in order";

  it.each([
    ["Release Date", "Feb 29 2000", "in order"],
    ["Release Date", "Feb 29 2001", "malformed"],
    ["Release Date", "Dec 31 1969", "malformed"],
    ["Release Date", "Foo 12 1998", "malformed"],
    ["Release Date", "12.06.1998", "malformed"],
    ["Release Date", "Mar 09 2033", "out_of_range"],
    ["Release Date", "Jan 01 1887", "out_of_range"],
    ["IMDB Rating", 10, "in order"],
    ["IMDB Rating", 10.1, "out_of_range"],
    ["IMDB Rating", "7.1", "malformed"],
    ["Rotten Tomatoes Rating", 100, "in order"],
    ["Rotten Tomatoes Rating", 101, "out_of_range"],
    ["Rotten Tomatoes Rating", 55.5, "malformed"],
    ["US Gross", -1, "out_of_range"],
    ["US Gross", 0, "in order"],
    ["Worldwide Gross", 0, "out_of_range"],
    ["Running Time min", 40, "out_of_range"],
    ["Running Time min", 301, "out_of_range"],
    ["MPAA Rating", "PG-13", "in order"],
    ["MPAA Rating", "Open", "malformed"],
    ["Title", "Alien³", "in order"],
    ["Title", "L'Équipe", "in order"],
    ["Title", "DÈj‡ Vu", "malformed"],
    ["Director", "  ", "missing"],
    ["Director", 7, "malformed"],
  ])("finds %s %j %s", (column, value, expected) => {
    expect(judge(column, value)).toBe(expected);
  });

  it("finds a row that was entered twice", () => {
    const film = { Title: "Crash", "Release Date": "May 06 2005" };
    const { audit, rows } = createAuditor([
      film,
      { ...film, "Release Date": "Oct 04 1996" },
      { ...film, Title: "crash " },
    ]);
    const report = reportOf(audit(0, rows));
    expect(report.duplicate_rows).toEqual({ count: 1, examples: [{ row: 3, value: "crash " }] });
    expect(report.duplicate_titles.count).toBe(2);
  });
});
