import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { MUTATIONS } from "../../support/simulator/mutations/all-mutations.ts";
import { mutated } from "../../support/simulator/mutations/mutation.ts";

/** Whether the sweep notices them is asked by `node test/simulator/mutations.ts`: it takes minutes. */
it.each(MUTATIONS)("the mutation $name still finds its line, and changes it", (mutation) => {
  const source = readFileSync(mutation.path, "utf8");
  expect(mutated(source, mutation)).not.toBe(source);
});

it("each rule of the architecture that one execution can break has a mutation", () => {
  const broken = new Set(MUTATIONS.map(({ breaks }) => breaks));
  const rules = [
    "E1",
    "E2",
    "E3",
    "E4",
    "E5",
    "E6",
    "E7",
    "E8",
    "E9",
    "E10",
    "P1",
    "P2",
    "P3",
    "P4",
    "P5",
    "P6",
    "P7",
    "P8",
  ];
  expect(rules.filter((rule) => !broken.has(rule))).toEqual([]);
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
});
