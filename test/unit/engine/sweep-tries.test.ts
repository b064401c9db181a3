import { describe, it } from "vitest";
import { expectSweep } from "../../support/simulator/expect-sweep.ts";
import { TRY_PROGRAMS } from "../../support/simulator/programs/tries.ts";

describe("tries that are slow, late, or not awaited", () => {
  it.each(TRY_PROGRAMS)("$name ends as it does undisturbed", { timeout: 240_000 }, (program) => expectSweep(program));
});
