/** Reports in the log of a plan's execution, newest first: it is read backwards in windows, so a page costs what it holds. */
import { PageRoom } from "../../domain/read-models/page-room.ts";
import type { ReportPage, ReportQuery, ReportView } from "../../domain/read-models/plan-view.ts";
import type { Journal } from "../journal/journal.ts";

const WINDOW = 256;
/** Windows that one page looks through. */
const MOST_WINDOWS = 64;

export function reportPage(journal: Journal, { limit, before, subtask }: ReportQuery): ReportPage {
  const room = new PageRoom({ items: limit });
  const reports: ReportView[] = [];
  let end = Math.min(before ?? Number.POSITIVE_INFINITY, (journal.committed?.seq ?? 0) + 1);
  for (let windows = 0; end > 1 && windows < MOST_WINDOWS; windows += 1) {
    const from = Math.max(0, end - 1 - WINDOW);
    for (const report of reportsIn(journal, from, end).reverse()) {
      if (subtask !== undefined && report.taskId !== subtask && report.subtaskId !== subtask) continue;
      if (!room.take(report)) return { reports, before: report.seq + 1 };
      reports.push(report);
    }
    end = from + 1;
  }
  return { reports, before: end > 1 ? end : null };
}

/** Reports with `after < seq < end`. */
function reportsIn(journal: Journal, after: number, end: number): ReportView[] {
  const found: ReportView[] = [];
  for (const { seq, type, data, atMs } of journal.eventsAfter(after)) {
    if (seq >= end) break;
    if (type !== "agent.reported") continue;
    const { move: _move, why: _why, ...report } = data;
    found.push({ ...report, seq, recordedAtMs: atMs });
  }
  return found;
}
