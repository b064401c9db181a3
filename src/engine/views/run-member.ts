import type { Entry } from "../../domain/execution/entry.ts";
import { childIdOf } from "../../domain/execution/entry.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { Status } from "../../domain/execution/status.ts";
import { parseStatus } from "../../domain/execution/status.ts";
import { parseTarget } from "../../domain/execution/target.ts";
import type { ChildLink, RunMember, RunNote, RunNotes } from "../../domain/read-models/run-member.ts";
import { summaryOfState } from "../../domain/read-models/run-member.ts";
import type { Journal } from "../journal/journal.ts";
import { eventPage } from "./pages.ts";
import { webhookViewOf } from "./webhook-view.ts";

const MOST_NOTES = 1_000;

/** The execution as a member of its run. Children come from the index, which is kept; notes cost a page of the log. */
export function memberOf(journal: Journal, { notes }: { readonly notes: boolean }): RunMember | undefined {
  const { state } = journal;
  if (!state) return undefined;
  return {
    summary: summaryOfState(state),
    children: [...journal.index().entries.values()].flatMap((entry) => linkOf(journal, entry)),
    ...(notes ? { notes: notesOf(journal) } : {}),
    ...webhookOf(journal),
    ...callsOf(journal),
    ...lineageOf(state),
  };
}

function callsOf(journal: Journal): Pick<RunMember, "calls"> {
  const { calls } = journal.index();
  return calls.size === 0 ? {} : { calls: [...calls.values()] };
}

function lineageOf({ origin: { restartedFrom }, results }: ExecutionState): Pick<RunMember, "lineage"> {
  if (!restartedFrom) return {};
  const { id, runId, reuse } = restartedFrom;
  return { lineage: { id, runId, reuse, reused: results?.reused ?? 0 } };
}

function webhookOf(journal: Journal): Pick<RunMember, "webhook"> {
  const view = webhookViewOf(journal);
  if (!view) return {};
  const { total, failed, deliveries, attempts } = view;
  const failures = deliveries.filter(({ status }) => status === "failed");
  const givenUp = failures.flatMap(({ seq }) => attempts.filter(({ of }) => of === seq).slice(-1));
  return { webhook: { total, failed, givenUp } };
}

function linkOf(journal: Journal, entry: Entry): ChildLink[] {
  const { name, startedSeq } = entry;
  const childId = childIdOf(entry);
  if (childId === undefined) return [];
  const started = parseTarget(name) ? undefined : journal.event(startedSeq);
  const target = started?.type === "child.started" ? started.data.target : name;
  return [{ childId, target, ended: endOf(entry) }];
}

/** A child that did not succeed ended with its own error, or with `child_` and its status. */
function endOf(entry: Entry): Status | undefined {
  if (entry.status !== "done" || entry.ok === undefined) return undefined;
  if (entry.ok) return "succeeded";
  const code = entry.errorCode;
  return (code.startsWith("child_") && parseStatus(code.slice(6))) || "failed";
}

function notesOf(journal: Journal): RunNotes {
  const { events, next } = eventPage(journal, { after: 0, limit: MOST_NOTES, type: "note.added" });
  const notes = events.flatMap((event): RunNote[] => {
    if (event.type !== "note.added") return [];
    const { message, tags, by } = event.data;
    return [{ seq: event.seq, message, tags, atMs: event.atMs, by: by ?? event.actor }];
  });
  return { notes, next };
}
