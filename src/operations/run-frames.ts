/** The executions of a run as they change, until nothing of it goes on. */
import { rowFor } from "../contract/lists.ts";
import type { NumberedFrame } from "../contract/stream/agentfield-frames.ts";
import { RowFrames } from "../contract/stream/agentfield-frames.ts";
import { feedFrame } from "../contract/stream/feed.ts";
import type { Principal } from "../domain/execution/principal.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept } from "../domain/values/fault.ts";
import type { LiveStreams } from "./live-streams.ts";
import type { Runs } from "./runs.ts";

export interface RunFrameParts {
  readonly runs: Pick<Runs, "read">;
  readonly live: Pick<LiveStreams, "feed">;
  readonly now: () => number;
}

/** What changed between the look at the run and the opening of the feed is read once more. */
const OVERLAP_MS = 10_000;

/** Refused where there is no such run. First what it is made of now, then each change; `from`: only what is newer. */
export async function runFrames(
  { runs, live, now }: RunFrameParts,
  caller: Principal,
  { runId, from, signal }: { readonly runId: string; readonly from: number; readonly signal: AbortSignal },
): Promise<Result<AsyncGenerator<NumberedFrame>>> {
  const after = now() - OVERLAP_MS;
  const run = await runs.read(caller, runId, { notes: false });
  if (!run.ok) return run;
  const rows = new RowFrames();
  const known = run.value.tree.timeline.map(({ summary }) => rows.read(feedFrame(rowFor(caller, summary))));
  return accept(follow());

  async function* follow(): AsyncGenerator<NumberedFrame> {
    for (const frame of known) if (frame && (frame.id ?? 0) > from) yield frame;
    if (rows.isOver) return;
    for await (const changed of live.feed(caller, { after, signal })) {
      if (changed.execution.run_id !== runId) continue;
      const frame = rows.read(changed);
      if (frame) yield frame;
      if (rows.isOver) return;
    }
  }
}
