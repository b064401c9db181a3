import { describe, it } from "vitest";
import { expectSweep } from "../../support/simulator/expect-sweep.ts";
import { AGENTIC_PROGRAMS } from "../../support/simulator/programs/agentic.ts";

describe("an agentic execution, killed at any point", () => {
  it.each(AGENTIC_PROGRAMS)(
    "$name ends as it does undisturbed, and pays a turn again only when a kill hit it in flight",
    { timeout: 120_000 },
    (program) => expectSweep(program),
  );
});
