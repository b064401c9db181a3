/** Whether a log may take more: asked by the journal before anything of a decision is applied. */
import type { Appended } from "../../domain/execution/event-text.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";
import { LIMITS } from "../../domain/values/limits.ts";
import type { Store } from "../ports.ts";

/** Kept free for the rows that end an execution: the failure that says why, its approvals, timers and messages. */
const KEPT_FREE = 4_194_304;
/** Of a small limit so much is kept free. */
const SHARE_KEPT_FREE = 0.25;

/** Events that end a log, or take it away: they always fit. */
const ENDS: ReadonlySet<string> = new Set([
  "execution.succeeded",
  "execution.failed",
  "execution.cancelled",
  "execution.timed_out",
  "log.archived",
]);

/** Why so many characters, staged ones included, do not fit the storage any more; `undefined` when they do. */
export function lacksRoom(
  store: Pick<Store, "room">,
  events: readonly Appended[],
  staged: number,
): (Refusal & { readonly code: "storage_full" }) | undefined {
  const room = store.room?.();
  if (!room || events.length === 0 || events.some(({ event }) => ENDS.has(event.type))) return undefined;
  const wanted = events.reduce((sum, { text }) => sum + text.length, staged);
  if (room.left - wanted >= Math.min(KEPT_FREE, room.most * SHARE_KEPT_FREE)) return undefined;
  const { setting, what } = LIMITS.storageBytes;
  const detail = `nearly all of the ${room.most} ${what} are used (${setting})`;
  return { ...refuse("storage_full", detail), code: "storage_full" };
}
