import { describe, it } from "vitest";
import { expectSweep } from "../../support/simulator/expect-sweep.ts";
import { JOINS } from "../../support/simulator/programs/joins.ts";

describe("a child that came by itself, whatever crashes and in whatever order things happen", () => {
  it.each(JOINS)("$name ends as it does undisturbed", { timeout: 120_000 }, (program) => expectSweep(program));
});
