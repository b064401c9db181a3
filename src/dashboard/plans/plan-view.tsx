/** One version of a plan: its phases with their tasks and subtasks, and what differs from another version. */
import { useCallback } from "react";
import { useLocation, useSearch } from "wouter";
import type { Plan, PlanSummary } from "../../client/plans.ts";
import { AskButton } from "../forms/ask-button.tsx";
import { useNow } from "../live/now.ts";
import { ReadView } from "../parts/read-view.tsx";
import { upTo } from "../parts/up-to.ts";
import { useRead } from "../parts/use-read.ts";
import { Ago } from "../parts/when.tsx";
import { useClient } from "../session/session.tsx";
import { PlanChanges } from "./plan-changes.tsx";
import { PlanTree } from "./plan-tree.tsx";

const VERSIONS = 200;

interface Props {
  readonly id: string;
  /** Called when it is deleted. */
  readonly onGone: () => void;
}

export function PlanView({ id, onGone }: Props) {
  const client = useClient();
  const asked = new URLSearchParams(useSearch());
  const version = numberIn(asked.get("version"));
  const against = numberIn(asked.get("against"));
  const read = useRead(
    useCallback(
      async (signal: AbortSignal) => {
        const [plan, versions] = await Promise.all([
          client.plans.get(id, { signal, ...(version === undefined ? {} : { version }) }),
          upTo(VERSIONS, client.plans.versions(id, { signal })),
        ]);
        const before = against === undefined ? undefined : await client.plans.get(id, { version: against, signal });
        return { plan, versions: versions.items, before };
      },
      [client, id, version, against],
    ),
  );
  return (
    <div className="panel approval">
      <ReadView read={read} what="The plan">
        {({ plan, versions, before }) => (
          <>
            <Head plan={plan} onGone={onGone} />
            <Versions plan={plan} versions={versions} against={against} />
            {before && <PlanChanges before={before} after={plan} />}
            <PlanTree plan={plan} />
          </>
        )}
      </ReadView>
    </div>
  );
}

function numberIn(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined;
}

function Head({ plan, onGone }: { readonly plan: Plan; readonly onGone: () => void }) {
  const { plans } = useClient();
  const now = useNow(10_000);
  const { plan_id: id, goal, owner, tasks_total: tasks, subtasks_total: subtasks } = plan;
  return (
    <>
      <header className="approval-head">
        <h2 className="long">{id}</h2>
        <AskButton
          button={{ className: "button small danger", content: "Delete…" }}
          title="Delete this plan"
          deed={{ words: "Delete plan", busyWords: "Deleting…" }}
          call={() => plans.delete(id)}
          onDone={onGone}
        >
          <p>
            <b>{id}</b> is gone then, with all its versions.
          </p>
        </AskButton>
      </header>
      <p className="long">{goal}</p>
      <p className="quiet">
        {tasks} {tasks === 1 ? "task" : "tasks"}, {subtasks} {subtasks === 1 ? "subtask" : "subtasks"}; version{" "}
        {plan.version}, stored <Ago at={plan.updated_at} now={now} /> by {plan.updated_by}; it belongs to {owner}.
      </p>
    </>
  );
}

interface VersionsProps {
  readonly plan: Plan;
  readonly versions: readonly PlanSummary[];
  readonly against: number | undefined;
}

function Versions({ plan, versions, against }: VersionsProps) {
  const [, navigate] = useLocation();
  if (versions.length < 2) return null;
  const go = (version: number, other: number | undefined) => {
    const query = new URLSearchParams({
      version: `${version}`,
      ...(other === undefined ? {} : { against: `${other}` }),
    });
    navigate(`/plans/${encodeURIComponent(plan.plan_id)}?${query}`, { replace: true });
  };
  return (
    <div className="half">
      <label className="field">
        <span className="field-title">Version</span>
        <select className="select" value={plan.version} onChange={(event) => go(Number(event.target.value), against)}>
          {versions.map(({ version, updated_at: at }) => (
            <option key={version} value={version}>
              {version}, {new Date(at).toLocaleString()}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span className="field-title">
          What changed since <span className="quiet">optional</span>
        </span>
        <select
          className="select"
          value={against ?? ""}
          onChange={(event) => go(plan.version, numberIn(event.target.value))}
        >
          <option value="">Nothing is compared</option>
          {versions
            .filter(({ version }) => version !== plan.version)
            .map(({ version }) => (
              <option key={version} value={version}>
                Version {version}
              </option>
            ))}
        </select>
      </label>
    </div>
  );
}
