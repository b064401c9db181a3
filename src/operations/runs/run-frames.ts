/**
 * The executions of a run as they change, until nothing of it goes on.
 *
 * - What the feed tells is the index, in which a child may end before its parent is known. So where all that was heard of has
 *   ended, the run is read once more, and its executions are asked themselves: only that says that it is over.
 * - A run that is larger than one reading is never said to be over: its reader leaves.
 */
import { rowFor } from "../../contract/lists.ts";
import type { NumberedFrame } from "../../contract/stream/agentfield-frames.ts";
import { RowFrames } from "../../contract/stream/agentfield-frames.ts";
import { feedFrame } from "../../contract/stream/feed.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept } from "../../domain/values/fault.ts";
import type { LiveStreams } from "../stream/live-streams.ts";
import type { Runs, RunView } from "./runs.ts";

export interface RunFrameParts {
  readonly runs: Pick<Runs, "read">;
  readonly live: Pick<LiveStreams, "feed">;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

/** What changed between the look at the run and the opening of the feed is read once more. */
const OVERLAP_MS = 10_000;
/** Before a reading that was refused is tried again; then the reader is let go, and comes back. */
const READ_AGAIN_MS = [200, 1_000, 5_000];

/** Refused where there is no such run. First what it is made of now, then each change; `from`: only what is newer. */
export async function runFrames(
  { runs, live, now, pause }: RunFrameParts,
  caller: Principal,
  { runId, from, signal }: { readonly runId: string; readonly from: number; readonly signal: AbortSignal },
): Promise<Result<AsyncGenerator<NumberedFrame>>> {
  const after = now() - OVERLAP_MS;
  const run = await runs.read(caller, runId, { notes: false });
  if (!run.ok) return run;
  const rows = new RowFrames();
  const newsOf = ({ tree }: Pick<RunView, "tree">) =>
    tree.timeline.flatMap(({ summary }) => rows.read(feedFrame(rowFor(caller, summary))) ?? []);
  const known = newsOf(run.value);
  const isOver = ({ truncated }: Pick<RunView, "truncated">) => rows.isOver && !truncated;
  return accept(follow(run.value));

  async function* follow(first: RunView): AsyncGenerator<NumberedFrame> {
    for (const frame of known) if ((frame.id ?? 0) > from) yield frame;
    if (isOver(first)) return;
    for await (const changed of live.feed(caller, { after, signal })) {
      if (changed.execution.run_id !== runId) continue;
      const frame = rows.read(changed);
      if (frame) yield frame;
      if (!frame || !rows.isOver) continue;
      const again = await readAgain();
      if (again) yield* newsOf(again);
      if (!again || isOver(again)) return;
    }
  }

  async function readAgain(): Promise<RunView | undefined> {
    for (const ms of [...READ_AGAIN_MS, undefined]) {
      const read = await runs.read(caller, runId, { notes: false });
      if (read.ok) return read.value;
      if (ms === undefined || signal.aborted) return undefined;
      await pause(ms);
    }
    return undefined;
  }
}
