import { describe, it } from "vitest";
import { expectSweep } from "../../support/simulator/expect-sweep.ts";
import { PROGRAMS } from "../../support/simulator/programs/plain.ts";

/** Half of the programs a file, so that two workers share them. The long sweep is `node test/simulator/sweep.ts`. */
const half = PROGRAMS.filter((_, index) => index % 2 === 0);

describe("whatever crashes, and in whatever order things happen", () => {
  it.each(half)("$name ends as it does undisturbed", { timeout: 120_000 }, (program) => expectSweep(program));
});
