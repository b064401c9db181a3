import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CHECKS } from "../../support/simulator/checks/all-checks.ts";

const FOLDER = "test/support/simulator/checks";

it("each file that holds a promise of the simulator is registered once", () => {
  const declared = readdirSync(FOLDER).filter((file) =>
    readFileSync(`${FOLDER}/${file}`, "utf8").includes(": Check = {"),
  );
  expect(CHECKS).toHaveLength(declared.length);
  expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length);
});
