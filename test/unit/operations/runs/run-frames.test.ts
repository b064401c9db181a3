/** The stream of a run: what it shows, and when it says that nothing goes on any more. */
import { describe, expect, test } from "vitest";
import type { FeedFrame } from "../../../../src/contract/stream/feed.ts";
import { feedFrame } from "../../../../src/contract/stream/feed.ts";
import type { Status } from "../../../../src/domain/execution/status.ts";
import { buildRunTree } from "../../../../src/domain/read-models/run-tree.ts";
import type { ExecutionSummary } from "../../../../src/domain/read-models/summary.ts";
import type { Result } from "../../../../src/domain/values/fault.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import { runFrames } from "../../../../src/operations/runs/run-frames.ts";
import type { RunView } from "../../../../src/operations/runs/runs.ts";

const CALLER = { tenant: "acme", subject: "ann", scopes: ["admin" as const] };
let version = 0;

function row(id: string, status: Status, parentId: string | null = null): ExecutionSummary {
  version += 1;
  return {
    ...{ tenant: "acme", id, owner: "ann", seq: version, agent: "a", fn: "f", kind: "reasoner", status, reason: null },
    ...{ runId: "run_1", parentId, sessionId: null, actorId: null, createdAtMs: 1, startedAtMs: 1, finishedAtMs: null },
    ...{ updatedAtMs: version, errorCode: null, errorMessage: null, turns: 0, tokens: 0, costUsd: 0 },
  };
}
const view = (rows: readonly ExecutionSummary[], truncated = false): Result<RunView> =>
  accept({
    ...{ runId: "run_1", tree: buildRunTree(rows), truncated },
    ...{ notes: new Map(), webhooks: new Map(), lineages: new Map() },
  });

/** What a reader is shown; `reads`: what the run is, each time that it is asked. The feed ends after these. */
async function shown(reads: readonly Result<RunView>[], told: readonly ExecutionSummary[]) {
  let asked = 0;
  async function* feed(): AsyncGenerator<FeedFrame> {
    for (const each of told) yield feedFrame(each);
    yield* [];
    frames.push("the feed was read to its end");
  }
  const frames: string[] = [];
  const read = async () => {
    asked += 1;
    const answer = reads[Math.min(asked, reads.length) - 1];
    if (!answer) throw new Error("nothing to read");
    return answer;
  };
  const parts = { runs: { read }, live: { feed }, now: () => 1_000_000, pause: async () => {} };
  const found = await runFrames(parts, CALLER, { runId: "run_1", from: 0, signal: new AbortController().signal });
  if (!found.ok) throw new Error(found.code);
  for await (const { frame } of found.value) frames.push(`${frame.execution_id} ${frame.status}`);
  return { frames, asked };
}

describe("the stream of a run", () => {
  test("goes on where a child ended of which the index knew before it knew the parent", async () => {
    const child = row("child", "running", "root");
    const ended = row("child", "succeeded", "root");
    const root = row("root", "running");
    const over = row("root", "succeeded");
    const { frames } = await shown([view([child]), view([ended, root]), view([ended, over])], [ended, over]);
    expect(frames).toEqual(["child running", "child succeeded", "root running", "root succeeded"]);
  });

  test("ends with the run, which is asked once more for that", async () => {
    const [root, over] = [row("root", "running"), row("root", "succeeded")];
    const { frames, asked } = await shown([view([root]), view([over])], [over, row("other", "running")]);
    expect([frames, asked]).toEqual([["root running", "root succeeded"], 2]);
  });

  test("of a run that has ended is what it is, and asks nothing more", async () => {
    const { frames, asked } = await shown([view([row("root", "failed")])], []);
    expect([frames, asked]).toEqual([["root failed"], 1]);
  });

  test("of a run that is larger than one reading is not ended by the part that was read", async () => {
    const over = row("part", "succeeded");
    const { frames } = await shown([view([over], true)], [row("beyond", "running"), row("beyond", "succeeded")]);
    expect(frames.at(-1)).toBe("the feed was read to its end");
  });

  test("that cannot be read again for a moment is read after it", async () => {
    const [root, over] = [row("root", "running"), row("root", "succeeded")];
    const busy = refuse("overloaded", "busy");
    const { frames, asked } = await shown([view([root]), busy, busy, view([over])], [over]);
    expect([frames, asked]).toEqual([["root running", "root succeeded"], 4]);
  });
});
