import type { Phase, Span } from "../../../domain/read-models/waterfall.ts";
import { duration, sentence } from "../../parts/words.ts";
import type { Window } from "./scale.ts";
import { placeOf } from "./scale.ts";

interface On {
  readonly window: Window;
  /** Where a bar ends that has no end yet. */
  readonly openUntilMs: number;
}

/** One bar for each status that the execution was in. */
export function PhaseBars({ phases, window, openUntilMs }: On & { readonly phases: readonly Phase[] }) {
  return phases.map((phase) => {
    const end = phase.endMs ?? openUntilMs;
    const place = placeOf(window, phase.startMs, end);
    if (!place) return null;
    const words = `${sentence(phase.reason ?? phase.status)}, ${duration(end - phase.startMs)}`;
    return (
      <span
        key={`${phase.status} ${phase.startMs}`}
        className="phase"
        data-phase={phase.status}
        title={words}
        style={{ left: `${place.left}%`, width: `${place.width}%` }}
      />
    );
  });
}

/** A bar for each try; what lies between two tries is the backoff, drawn as a line. What has no tries is one bar. */
export function SpanBars({ span, window, openUntilMs }: On & { readonly span: Span }) {
  const whole = placeOf(window, span.startMs, span.endMs ?? openUntilMs);
  const tries =
    span.tries.length > 0 ? span.tries : [{ n: 1, failed: false, startMs: span.startMs, endMs: span.endMs }];
  return (
    <>
      {whole && tries.length > 1 && (
        <span className="backoff" style={{ left: `${whole.left}%`, width: `${whole.width}%` }} />
      )}
      {tries.map((one, at) => {
        const isLast = at === tries.length - 1;
        const end = one.endMs ?? (isLast ? (span.endMs ?? openUntilMs) : one.startMs);
        const place = placeOf(window, one.startMs, end);
        const status = one.failed ? "failed" : isLast ? span.status : "done";
        return (
          place && (
            <span
              key={`${one.n} ${one.startMs}`}
              className="bar"
              data-kind={span.kind}
              data-status={status}
              title={`${tries.length > 1 ? `Try ${one.n}, ` : ""}${duration(end - one.startMs)}`}
              style={{ left: `${place.left}%`, width: `${place.width}%` }}
            />
          )
        );
      })}
    </>
  );
}
