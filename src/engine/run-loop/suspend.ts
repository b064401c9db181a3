import type { Loop } from "../operations/operation.ts";

/** Nothing is to be delivered. When nothing runs either, what is waited for becomes the status. */
export function suspend({ journal, activities }: Pick<Loop, "journal" | "activities">, isAtWork: boolean): void {
  if (activities.size > 0 || isAtWork) {
    // Nothing outside begins here: what is said in one turn shares a commit.
    if (journal.hasUrgent) void journal.flushTogether();
    else if (journal.hasStaged) journal.flushSoon();
    return;
  }
  journal.dispatch({ type: "come_to_rest" }, "system");
  void journal.flush();
}
