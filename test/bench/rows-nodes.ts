/** The row about calls of nodes: one to a local node and back by its report, beside a bare Worker that forwards the request and its answer. */
import type { Contender } from "./contest.ts";
import type { Reported } from "./row.ts";
import { atLeast, atMost } from "./row.ts";
import type { Setting } from "./rows-executions.ts";
import { fight } from "./rows-executions.ts";
import type { Stage } from "./stage.ts";
import { drained, floor } from "./stage.ts";
import type { Subject } from "./subject.ts";

/** The counting service is the node: it accepts, and reports to the server that its address names. */
function calls({ counter }: Stage, subject: Subject): Contender {
  return {
    subject,
    makesObjects: true,
    prepare: async (slice) => {
      const { url } = await counter.ask({});
      const headers = { ...subject.caller.headers, "content-type": "application/json" };
      const node = {
        id: "bench-node",
        base_url: `${url}/for/${new URL(subject.url).port}`,
        reasoners: [{ id: "echo" }],
      };
      const registered = await fetch(`${subject.url}/api/v1/nodes/register`, {
        method: "POST",
        headers,
        body: JSON.stringify({ ...node, lifecycle_status: "ready" }),
      });
      if (registered.status !== 201) throw new Error(`no node: ${registered.status} ${await registered.text()}`);
      return {
        url: `${subject.url}/api/v1/execute/bench-node.echo`,
        method: "POST" as const,
        headers: { ...headers, "x-run-id": slice },
        body: JSON.stringify({ input: { count: 1 } }),
        expected: 200,
      };
    },
    settled: (slice, requests) => drained(subject, slice, { status: "succeeded", count: requests }),
  };
}

export async function dispatches(setting: Setting): Promise<Reported[]> {
  const { stage } = setting;
  const reported: Reported[] = [];
  for (const concurrency of [1, 16] as const) {
    const { lines } = await fight(setting, {
      op: "call of a node",
      concurrency,
      ours: (subject) => calls(stage, subject),
      theirs: floor(stage, "/forward"),
      floorName: "forwards",
      rowsWritten: null,
      judged: concurrency === 1 ? "p50" : "rps",
      goal: concurrency === 1 ? atMost(6, 3) : atLeast(0.15, 0.3),
    });
    reported.push(...lines);
  }
  return reported;
}
