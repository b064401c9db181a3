import { describe, expect, it } from "vitest";
import { expectSweep } from "../../support/simulator/expect-sweep.ts";
import { ALL_PROGRAMS } from "../../support/simulator/programs/all-programs.ts";
import { DEPLOYS } from "../../support/simulator/programs/deploys.ts";
import { ODD_PROGRAMS } from "../../support/simulator/programs/odd-values.ts";

describe("code that is replaced in the middle, and taken back", () => {
  it.each(DEPLOYS)("$name: some version carries it to its end, and nothing is done again", (program) =>
    expectSweep(program),
  );
});

describe("odd values and broken rules", () => {
  it.each(ODD_PROGRAMS)("$name ends as it does undisturbed", (program) => expectSweep(program));
});

it("no two programs have one name, by which a schedule is run again", () => {
  const names = ALL_PROGRAMS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
