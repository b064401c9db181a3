/** Two executions side by side: figures, input and output, and every entry of which one differs. Both are live. */
import { useMemo, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { inputOf, shownAt } from "../execution/shown.ts";
import { Form } from "../forms/form.tsx";
import { TextField } from "../forms/text-field.tsx";
import type { FollowedExecution } from "../live/use-execution.ts";
import { useExecution } from "../live/use-execution.ts";
import { Loading, Notice } from "../parts/notice.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { count, dollars, duration, shortId } from "../parts/words.ts";
import { useTitle } from "../shell/title.ts";
import "../styles/tables.css";
import "../styles/compare.css";
import { Changes } from "./changes.tsx";
import { differenceOf, sidesOf } from "./difference.ts";
import { EntryRows } from "./entry-rows.tsx";

export function ComparePage() {
  const asked = new URLSearchParams(useSearch());
  const [left, right] = [asked.get("left") ?? "", asked.get("right") ?? ""];
  useTitle("Difference");
  return (
    <div className="page">
      <header className="page-head">
        <h1>Difference of two executions</h1>
      </header>
      <Which key={`${left} ${right}`} left={left} right={right} />
      {left === "" || right === "" ? (
        <Notice icon="list" title="Which two?">
          Give the ids of two executions, for instance of a restart and of the one that it follows.
        </Notice>
      ) : (
        <Both key={`${left} ${right}`} left={left} right={right} />
      )}
    </div>
  );
}

interface Ids {
  readonly left: string;
  readonly right: string;
}

function Which(ids: Ids) {
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState(ids);
  return (
    <Form
      className="inputs compare-ids"
      onSubmit={async () => {
        navigate(`/compare?${new URLSearchParams({ left: typed.left.trim(), right: typed.right.trim() })}`);
      }}
    >
      <TextField title="Left" value={typed.left} onChange={(left) => setTyped({ ...typed, left })} />
      <TextField title="Right" value={typed.right} onChange={(right) => setTyped({ ...typed, right })} />
      <button type="submit" className="button">
        Compare
      </button>
    </Form>
  );
}

function Both({ left, right }: Ids) {
  const followed = [useExecution(left), useExecution(right)] as const;
  const fault = followed.find((one) => one.fault && one.log.body === undefined)?.fault;
  if (fault)
    return (
      <Notice icon="alert" title="They cannot be compared" role="alert">
        {fault.sentence}
      </Notice>
    );
  const [a, b] = followed;
  if (!a.log.body || !b.log.body) return <Loading rows={8} label="The executions are being loaded" />;
  return <Difference a={a} b={b} />;
}

function Difference({ a, b }: { readonly a: FollowedExecution; readonly b: FollowedExecution }) {
  const [left, right] = [useShown(a), useShown(b)];
  const rows = useMemo(
    () =>
      left && right
        ? differenceOf(sidesOf(left.trace.spans, left.events), sidesOf(right.trace.spans, right.events))
        : [],
    [left, right],
  );
  if (!left || !right) return null;
  return (
    <div className="blocks">
      <Figures sides={[left, right]} />
      <section className="block">
        <h2>Input</h2>
        <Changes left={inputOf(left)} right={inputOf(right)} alike="Both were given the same." />
      </section>
      <section className="block">
        <h2>Output</h2>
        <Changes left={left.body.result} right={right.body.result} alike="Both came to the same." />
      </section>
      <section className="block">
        <h2>Entries</h2>
        <EntryRows rows={rows} />
      </section>
    </div>
  );
}

function useShown({ log }: FollowedExecution) {
  const { body, version } = log;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the log grows in place, and its version says so.
  return useMemo(() => body && shownAt(log, body, undefined), [log, body, version]);
}

type One = NonNullable<ReturnType<typeof useShown>>;

/** What is compared in the table of figures, and how it reads. */
const FIGURES: readonly { readonly name: string; readonly words: (one: One) => string }[] = [
  { name: "Function", words: ({ body }) => body.target },
  { name: "Lasted", words: ({ trace }) => duration(trace.lastMs - trace.startMs) },
  { name: "Turns", words: ({ body }) => count(body.usage.turns) },
  { name: "Tokens", words: ({ body }) => count(body.usage.tokens) },
  { name: "Cost", words: ({ body }) => dollars(body.usage.cost_usd) },
  { name: "Events", words: ({ events }) => count(events.length) },
  { name: "Results taken over", words: ({ body }) => (body.replay ? count(body.replay.reused) : "–") },
];

function Figures({ sides }: { readonly sides: readonly [One, One] }) {
  return (
    <section className="table-box panel">
      <table className="table compare-table">
        <thead>
          <tr>
            <th scope="col">
              <span className="unseen">Figure</span>
            </th>
            {sides.map(({ body }, at) => (
              <th key={body.execution_id} scope="col">
                {at === 0 ? "Left" : "Right"}{" "}
                <Link className="mono" href={`/executions/${encodeURIComponent(body.execution_id)}`}>
                  {shortId(body.execution_id)}
                </Link>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Status</th>
            {sides.map(({ body, status }, at) => (
              <td key={body.execution_id} data-title={at === 0 ? "Left" : "Right"}>
                <StatusMark status={status} />
              </td>
            ))}
          </tr>
          {FIGURES.map(({ name, words }) => (
            <tr key={name} data-differs={words(sides[0]) !== words(sides[1])}>
              <th scope="row">{name}</th>
              {sides.map((one, at) => (
                <td key={one.body.execution_id} data-title={at === 0 ? "Left" : "Right"} className="num">
                  {words(one)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
