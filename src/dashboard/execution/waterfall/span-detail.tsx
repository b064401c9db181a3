/** What one line of the waterfall was asked and what came of it. */
import type { ReactNode } from "react";
import { useState } from "react";
import { Link } from "wouter";
import type { Event } from "../../../domain/execution/event.ts";
import { isTerminal } from "../../../domain/execution/status.ts";
import type { Span } from "../../../domain/read-models/waterfall.ts";
import { Icon } from "../../parts/icon.tsx";
import { JsonView } from "../../parts/json-view.tsx";
import { Clock } from "../../parts/when.tsx";
import { duration, sentence, shortId } from "../../parts/words.ts";
import { RestartDialog } from "../restart-dialog.tsx";
import type { Shown } from "../shown.ts";
import { verdictsOf } from "../verdicts.ts";
import { Judgement } from "../verdicts.tsx";

interface Props {
  readonly shown: Shown;
  readonly spanKey: string;
  readonly onClose: () => void;
}

export function SpanDetail({ shown, spanKey, onClose }: Props) {
  const span = shown.trace.spans.find(({ key }) => key === spanKey);
  if (!span) return null;
  const asked = fieldOfEvent(shown, span.seq, ["input", "payload"]);
  const came =
    span.endSeq === undefined ? undefined : fieldOfEvent(shown, span.endSeq, ["output", "verdict", "outcome"]);
  const judged =
    span.kind === "attempt" && verdictsOf(shown.events).find(({ n }) => n === fieldOfEvent(shown, span.seq, ["n"]));
  return (
    <section className="span-detail" aria-label={`Detail of ${span.label}`}>
      <header>
        <span className="kind" data-kind={span.kind} aria-hidden="true" />
        <h2>{span.label}</h2>
        <span className="quiet">{sentence(span.kind)}</span>
        <SpanTimes span={span} />
        <button type="button" className="icon-button" aria-label="Close the detail" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <Anew shown={shown} span={span} />
      {span.error !== undefined && <p className="fault keep-lines">{span.error}</p>}
      {judged && <Judgement judged={judged} />}
      {span.childId !== undefined && (
        <p>
          Child{" "}
          <Link className="mono" href={`/executions/${encodeURIComponent(span.childId)}`}>
            {shortId(span.childId)}
          </Link>
        </p>
      )}
      <div className="two">
        {asked !== undefined && (
          <Value title="Asked">
            <JsonView value={asked} name="input" />
          </Value>
        )}
        {came !== undefined && (
          <Value title="Came of it">
            <JsonView value={came} name="output" />
          </Value>
        )}
      </div>
    </section>
  );
}

/** Kinds of spans whose keys are those of the journal. */
const ENTRIES: ReadonlySet<Span["kind"]> = new Set([
  "turn",
  "tool",
  "step",
  "effect",
  "child",
  "sleep",
  "signal",
  "value",
]);

/** Of an execution that has ended: a restart that begins anew with this line. */
function Anew({ shown, span }: { readonly shown: Shown; readonly span: Span }) {
  const [open, setOpen] = useState(false);
  if (!isTerminal(shown.body.status) || !ENTRIES.has(span.kind)) return null;
  return (
    <p>
      <button type="button" className="button small" onClick={() => setOpen(true)}>
        <Icon name="restart" size={14} /> Restart from here…
      </button>
      {open && <RestartDialog shown={shown} from={span} onClose={() => setOpen(false)} />}
    </p>
  );
}

function SpanTimes({ span }: { readonly span: Span }) {
  return (
    <span className="span-times quiet num">
      <Clock atMs={span.startMs} />
      {span.endMs !== undefined && <span>{duration(span.endMs - span.startMs)}</span>}
      {span.tries.length > 1 && <span>{span.tries.length} tries</span>}
    </span>
  );
}

function Value({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div>
      <h3>{title}</h3>
      {children}
    </div>
  );
}

function fieldOfEvent({ events }: Shown, seq: number, names: readonly string[]): unknown {
  const data = new Map<string, unknown>(Object.entries(eventWith(events, seq)?.data ?? {}));
  return names.map((name) => data.get(name)).find((value) => value !== undefined);
}

/** Seqs have no gaps. */
function eventWith(events: readonly Event[], seq: number): Event | undefined {
  return events[seq - (events[0]?.seq ?? 1)];
}
