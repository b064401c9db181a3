/** One schedule: when it fires next, what it sends, what became of its instants; paused, resumed, fired now, deleted. */
import { useCallback } from "react";
import { Link } from "wouter";
import type { ScheduleRecord } from "../../client/schedules.ts";
import { AskButton } from "../forms/ask-button.tsx";
import { useNow } from "../live/now.ts";
import { Fault } from "../parts/fault.tsx";
import { Icon } from "../parts/icon.tsx";
import { JsonView } from "../parts/json-view.tsx";
import { Line } from "../parts/line.tsx";
import { ReadView } from "../parts/read-view.tsx";
import { upTo } from "../parts/up-to.ts";
import { useAct } from "../parts/use-act.ts";
import { useRead, useReloadOnChange } from "../parts/use-read.ts";
import { When } from "../parts/when.tsx";
import { shortId } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import { Firings } from "./firings.tsx";
import { ScheduleForm } from "./schedule-form.tsx";
import { ScheduleMark } from "./schedule-mark.tsx";
import { clockIn, timingOf } from "./timing.ts";

const FIRINGS = 50;
const AGAIN_MS = 500;

interface Props {
  readonly id: string;
  readonly editing: boolean;
  /** Called when the schedule has changed: the list beside it is old then. */
  readonly onChanged: () => void;
  /** To the schedule of this id after a change; to none when it is gone. */
  readonly onLeave: (id: string | undefined) => void;
}

export function ScheduleView({ id, editing, onChanged, onLeave }: Props) {
  const client = useClient();
  const read = useRead(
    useCallback(
      async (signal: AbortSignal) => {
        const [schedule, firings] = await Promise.all([
          client.schedules.get(id, { signal }),
          upTo(FIRINGS, client.schedules.history(id, { signal })),
        ]);
        return { schedule, firings };
      },
      [client, id],
    ),
  );
  const { reload, value } = read;
  useReloadOnChange(reload, AGAIN_MS, ({ target }) => target === value?.schedule.target);
  const changed = () => {
    reload();
    onChanged();
  };
  const done = (changedId: string) => {
    reload();
    onLeave(changedId);
  };
  if (editing && value) return <ScheduleForm before={value.schedule} onDone={done} />;
  return (
    <div className="panel approval">
      <ReadView read={read} what="The schedule">
        {({ schedule, firings }) => (
          <>
            <Head schedule={schedule} onChanged={changed} onGone={() => onLeave(undefined)} />
            <Timing schedule={schedule} />
            <section className="block">
              <h3>What became of its instants</h3>
              <Firings {...firings} />
            </section>
            <section className="block">
              <h3>Input of each execution</h3>
              <JsonView value={schedule.input} name="input" />
            </section>
          </>
        )}
      </ReadView>
    </div>
  );
}

interface HeadProps {
  readonly schedule: ScheduleRecord;
  readonly onChanged: () => void;
  readonly onGone: () => void;
}

function Head({ schedule, onChanged, onGone }: HeadProps) {
  const { schedules } = useClient();
  const { busy, fault, run } = useAct();
  const { schedule_id: id, status, reason, target, declared } = schedule;
  const act = (call: () => Promise<unknown>) => {
    run(call)
      .then(onChanged)
      .catch(() => {});
  };
  return (
    <>
      <header className="approval-head">
        <h2 className="long">{id}</h2>
        <ScheduleMark status={status} />
      </header>
      <p className="quiet">
        Starts <Link href={`/agents/${encodeURIComponent(target)}`}>{target}</Link>, {timingOf(schedule)}.
        {declared && " The code of this deployment declares it: it is changed there."}
        {reason !== undefined && ` ${status === "paused" ? "Paused" : "Ended"}: ${reason}`}
      </p>
      <div className="decision-buttons">
        <button
          type="button"
          className="button primary"
          disabled={busy}
          onClick={() => act(() => schedules.trigger(id))}
        >
          <Icon name="play" size={14} /> Trigger now
        </button>
        {status === "active" && (
          <button type="button" className="button" disabled={busy} onClick={() => act(() => schedules.pause(id))}>
            <Icon name="pause" size={14} /> Pause
          </button>
        )}
        {status === "paused" && (
          <button type="button" className="button" disabled={busy} onClick={() => act(() => schedules.resume(id))}>
            <Icon name="play" size={14} /> Resume
          </button>
        )}
        {!declared && status !== "ended" && (
          <Link className="button" href={`/schedules/${encodeURIComponent(id)}?edit`}>
            Change…
          </Link>
        )}
        <AskButton
          button={{ className: "button danger", content: "Delete…" }}
          title="Delete this schedule"
          deed={{ words: "Delete schedule", busyWords: "Deleting…" }}
          call={() => schedules.delete(id)}
          onDone={onGone}
        >
          <p>
            <b>{id}</b> fires no more. Executions that it has started go on.
          </p>
        </AskButton>
      </div>
      <Fault said={fault} />
    </>
  );
}

function Timing({ schedule }: { readonly schedule: ScheduleRecord }) {
  const now = useNow(1_000);
  const { next_instants: instants, runs, waiting, overlap, catch_up: catchUp, timezone, jitter } = schedule;
  const { max_runs: maxRuns, ends_at: endsAt, last_execution_id: last } = schedule;
  return (
    <dl className="payload">
      <Line name="Next instants">
        {instants.length === 0 ? (
          <span className="quiet">{schedule.paused ? "None while it is paused" : "None follow"}</span>
        ) : (
          <ol className="instants">
            {instants.map((at) => (
              <li key={at} className="num">
                {clockIn(at, timezone)}{" "}
                <span className="quiet">
                  <When at={at} now={now} />
                </span>
              </li>
            ))}
          </ol>
        )}
      </Line>
      <Line name="Fired">{`${runs}${maxRuns === undefined ? "" : ` of ${maxRuns}`} times`}</Line>
      {waiting > 0 && <Line name="Due and waiting">{String(waiting)}</Line>}
      <Line name="While one runs">{OVERLAP[overlap]}</Line>
      <Line name="Missed instants">{CATCH_UP[catchUp]}</Line>
      <Line name="Time zone">{timezone}</Line>
      {jitter !== "0s" && jitter !== "0ms" && <Line name="Jitter">up to {jitter}</Line>}
      {endsAt !== undefined && <Line name="Ends">{clockIn(endsAt, timezone)}</Line>}
      {last !== undefined && (
        <Line name="Last execution">
          <Link className="mono" href={`/executions/${encodeURIComponent(last)}`}>
            {shortId(last)}
          </Link>
        </Line>
      )}
    </dl>
  );
}

const OVERLAP: Readonly<{ [O in ScheduleRecord["overlap"]]: string }> = {
  skip: "an instant is skipped",
  queue: "an instant waits",
  allow: "another one starts beside it",
};
const CATCH_UP: Readonly<{ [C in ScheduleRecord["catch_up"]]: string }> = {
  none: "are not fired late",
  last: "the last one is fired late",
  all: "are all fired late, up to the limit",
};
