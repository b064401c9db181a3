/** Where a page of a list ended, as its `next_cursor` says it: the instant and the id of its last item. */
import * as z from "zod";
import type { Cursor } from "../domain/read-models/summary.ts";

/** What a list answered as `next_cursor`, or the refusal that says so. */
export function cursorText(form: RegExp) {
  return z.string().transform((text, ctx) => {
    const match = form.exec(text);
    if (match?.[1] && match[2]) return { createdAtMs: Number(match[1]), id: match[2] };
    ctx.addIssue({ code: "custom", message: "is no cursor of ours", params: { fault: "invalid_cursor" } });
    return z.NEVER;
  });
}

/** Parses the cursor of a list of executions, plans or schedules: the creation time in milliseconds, `~`, the id. */
export const ItemCursor = cursorText(/^(\d{1,15})~([A-Za-z0-9][A-Za-z0-9._:-]{0,127})$/);

export function cursorOf({ createdAtMs, id }: Cursor): string {
  return `${createdAtMs}~${id}`;
}

/** The same, back from a cursor that this house has just made. */
export function cursorIn(text: string): Cursor {
  const at = text.indexOf("~");
  return { createdAtMs: Number(text.slice(0, at)), id: text.slice(at + 1) };
}
