/** What one line of the waterfall was asked and what came of it. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Event } from "../../domain/execution/event.ts";
import { Icon } from "../parts/icon.tsx";
import { JsonView } from "../parts/json-view.tsx";
import { Clock } from "../parts/when.tsx";
import { duration, sentence, shortId } from "../parts/words.ts";
import type { Shown } from "./shown.ts";
import type { Span } from "./spans.ts";

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
      {span.error !== undefined && <p className="fault keep-lines">{span.error}</p>}
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
