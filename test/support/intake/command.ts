/** A start as small as one can be. */
import type { CreateCommand } from "../../../src/domain/execution/command.ts";

export function commandOf(id: string): CreateCommand {
  return {
    type: "create",
    origin: {
      ...{ id, tenant: "acme", owner: "ann", agent: "a", fn: "f", kind: "skill", version: "1", runId: "r" },
      ...{ owned: false, digest: "", limits: {}, timeoutMs: 60_000 },
    },
    input: { id },
    parsed: { same: true },
  };
}
