import { Clock } from "../parts/when.tsx";
import { duration } from "../parts/words.ts";
import type { Question } from "./open-questions.ts";
import type { Shown } from "./shown.ts";

/** What the log knows of an effect in doubt: each try with its beginning, and that no process saw the last one end. */
export function Evidence({ shown, question }: { readonly shown: Shown; readonly question: Question }) {
  const key = question.opened.key;
  const span = shown.trace.spans.find((one) => one.key === key);
  if (!span) return null;
  const started = shown.events.findLast((event) =>
    event.type === "step.started" || event.type === "tool.started" ? event.data.key === key : false,
  );
  const begunIn = started && "begunIn" in started.data ? started.data.begunIn : undefined;
  const recoveries = shown.events.filter(
    ({ type, atMs }) => type === "execution.recovered" && atMs >= span.startMs,
  ).length;
  return (
    <section className="evidence" aria-label="Evidence">
      <h2>What is known of it</h2>
      <ul className="plain-list">
        {span.tries.map(({ n, startMs, endMs, failed }, at) => (
          <li key={`${n} ${startMs}`}>
            Try {n} began <Clock atMs={startMs} />
            {failed && endMs !== undefined
              ? `, and failed after ${duration(endMs - startMs)}`
              : at === span.tries.length - 1
                ? ", and no process saw it end"
                : ", and did not end"}
          </li>
        ))}
        {recoveries > 0 && (
          <li>
            Since then the process was lost {recoveries === 1 ? "once" : `${recoveries} times`}, and the execution
            recovered
          </li>
        )}
        <li>
          Its idempotency key, which the outside may know:{" "}
          <code className="long">{`${begunIn ?? shown.body.execution_id}:${key}`}</code>
        </li>
      </ul>
      {span.error !== undefined && <p className="fault keep-lines">{span.error}</p>}
    </section>
  );
}
