/** The end of the tour: every execution with what it took, and the promises checked on its own log. */
import type { Stage } from "./acts.ts";

/** Prints the table; returns what failed, one sentence each. */
export async function verdict({ client, screen, seen }: Stage): Promise<string[]> {
  screen.act("the promises P1 to P8", "checked on the log of every execution of this tour, children included");
  const checked = await screen.during("checking", Promise.all(seen.map((id) => check({ client, id }))));
  screen.table([
    ["execution", "status", "took", "events", "effects", "promises"],
    ...checked.map(({ cells }) => cells),
  ]);
  screen.say("P7, that no reader misses anything, is what the audit's reader has shown.");
  return checked.flatMap(({ failed }) => failed);
}

interface Checked {
  readonly cells: readonly string[];
  readonly failed: readonly string[];
}

async function check({ client, id }: { readonly client: Stage["client"]; readonly id: string }): Promise<Checked> {
  const [execution, effects, reports] = await Promise.all([client.get(id), client.effects(id), client.invariants(id)]);
  const violated = reports.filter((report) => report.verdict === "violated");
  const held = reports.filter((report) => report.verdict === "holds").length;
  const failed = violated.map(
    ({ promise, detail }) => `${execution.target}: ${promise} is violated: ${detail} (${id})`,
  );
  if (execution.status !== "succeeded") failed.push(`${execution.target} ended ${execution.status} (${id})`);
  return {
    cells: [
      execution.target,
      execution.status === "succeeded" ? "✔ succeeded" : `✘ ${execution.status}`,
      took(execution.duration_ms ?? 0),
      `${execution.seq}`,
      `${effects.length}`,
      violated.length === 0 ? `✔ ${held} hold` : `✘ ${violated.map(({ promise }) => promise).join(" ")}`,
    ],
    failed,
  };
}

export function took(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
