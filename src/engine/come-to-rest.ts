import type { Loop } from "./ask.ts";

/** Nothing is to be delivered. When nothing runs either, what is waited for becomes the status. */
export function comeToRest({ journal, works }: Pick<Loop, "journal" | "works">, isAtWork: boolean): void {
  if (works.size > 0 || isAtWork) {
    if (journal.hasUrgent) journal.flush();
    else if (journal.hasStaged) journal.flushSoon();
    return;
  }
  journal.dispatch({ type: "come_to_rest" }, "system");
  journal.flush();
}
