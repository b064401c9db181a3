import { describe, it } from "vitest";
import { expectSweep } from "../../support/simulator/expect-sweep.ts";
import { EXTERNALS } from "../../support/simulator/programs/externals.ts";

describe("what a remote agent works at, whatever crashes and in whatever order things happen", () => {
  it.each(EXTERNALS)("$name is done once, or said to be lost", { timeout: 120_000 }, (program) => expectSweep(program));
});
