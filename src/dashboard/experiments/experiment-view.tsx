/** One experiment: each version with its share of the runs and what became of these; the weights can be changed, and it is ended. */
import { useCallback, useState } from "react";
import { Link } from "wouter";
import type { AgentVersion } from "../../client/agents.ts";
import type { Experiment } from "../../client/experiments.ts";
import { AskButton } from "../forms/ask-button.tsx";
import { Form } from "../forms/form.tsx";
import { useNow } from "../live/now.ts";
import { Fault } from "../parts/fault.tsx";
import { ifFound } from "../parts/if-found.ts";
import { Mark } from "../parts/mark.tsx";
import { ReadView } from "../parts/read-view.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { upTo } from "../parts/up-to.ts";
import { useAct } from "../parts/use-act.ts";
import { useRead, useReloadOnChange } from "../parts/use-read.ts";
import { Ago } from "../parts/when.tsx";
import { count, dollars, duration } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import type { TypedWeights } from "./weights.ts";
import { percent, requestOf, shareOf, weightsOf } from "./weights.ts";

const VERSIONS = 20;
const AGAIN_MS = 2_000;

interface Props {
  readonly id: string;
  readonly onChanged: () => void;
}

interface Read {
  /** Undefined where the current version runs alone. */
  readonly experiment: Experiment | undefined;
  readonly versions: readonly AgentVersion[];
}

export function ExperimentView({ id, onChanged }: Props) {
  const client = useClient();
  const read = useRead(
    useCallback(
      async (signal: AbortSignal): Promise<Read> => {
        const [experiment, versions] = await Promise.all([
          ifFound(client.agents.experiments.get(id, { signal })),
          upTo(VERSIONS, client.agents.versions(id, { signal })),
        ]);
        return { experiment, versions: versions.items };
      },
      [client, id],
    ),
  );
  useReloadOnChange(read.reload, AGAIN_MS, (row) => row.agent_id === id);
  const changed = () => {
    read.reload();
    onChanged();
  };
  return (
    <div className="panel approval">
      <ReadView read={read} what="The experiment">
        {({ experiment, versions }) => (
          <>
            <Head id={id} experiment={experiment} onEnded={changed} />
            {/* Other weights on the server: what was typed before them is out of date. */}
            <Weights
              key={JSON.stringify([experiment?.since, versions.map(({ version }) => version)])}
              {...{ id, experiment, versions }}
              onSaved={changed}
            />
          </>
        )}
      </ReadView>
    </div>
  );
}

interface HeadProps {
  readonly id: string;
  readonly experiment: Experiment | undefined;
  readonly onEnded: () => void;
}

function Head({ id, experiment, onEnded }: HeadProps) {
  const client = useClient();
  const now = useNow(30_000);
  return (
    <>
      <header className="approval-head">
        <h2 className="long">{id}</h2>
        <span className="head-end">
          <Mark kind={experiment ? "ok" : "rest"} words={experiment ? "Experiment is running" : "No experiment"} />
          {experiment && (
            <AskButton
              button={{ className: "button small danger", content: "End…" }}
              title="End this experiment"
              deed={{ words: "End experiment", busyWords: "Ending…" }}
              call={() => client.agents.experiments.delete(id)}
              onDone={onEnded}
            >
              <p>
                The current version of <b>{id}</b> runs from then on. Runs that have begun keep their version.
              </p>
            </AskButton>
          )}
        </span>
      </header>
      {experiment ? (
        <p className="quiet">
          These weights were set <Ago at={experiment.since} now={now} /> by {experiment.updated_by}. The newest{" "}
          {count(experiment.runs_counted)} {experiment.runs_counted === 1 ? "run" : "runs"} since then are counted.{" "}
          <Link href={`/executions?target=${encodeURIComponent(experiment.target)}`}>The runs</Link>
        </p>
      ) : (
        <p className="quiet">All its runs are of the current version. Weights divide them among several.</p>
      )}
    </>
  );
}

interface WeightsProps extends Read {
  readonly id: string;
  readonly onSaved: () => void;
}

function Weights({ id, experiment, versions, onSaved }: WeightsProps) {
  const client = useClient();
  const { busy, fault, run } = useAct();
  const before = weightsOf(experiment, versions);
  const [typed, setTyped] = useState<TypedWeights>(before);
  const [wrong, setWrong] = useState<string>();
  const outcomes = new Map(experiment?.versions.map((one) => [one.version, one]));
  const about = new Map(versions.map((one) => [one.version, one]));
  const isChanged = [...typed].some(([version, weight]) => before.get(version) !== weight);
  const save = async () => {
    const request = requestOf(typed, experiment);
    setWrong("fault" in request ? request.fault : undefined);
    if ("fault" in request) return;
    if (await run(() => client.agents.experiments.put(id, request.versions))) onSaved();
  };
  const none = <span className="quiet">–</span>;
  const columns: readonly Column<string>[] = [
    {
      title: "Version",
      cell: (version) => (
        <span className="cell-stack">
          <Link className="mono" href={`/manifests/${encodeURIComponent(id)}?version=${encodeURIComponent(version)}`}>
            {version}
          </Link>
          {about.get(version)?.current === true && <span className="quiet">current</span>}
        </span>
      ),
    },
    {
      title: "Weight",
      number: true,
      cell: (version) => (
        <input
          className="input weight"
          inputMode="numeric"
          aria-label={`Weight of ${version}`}
          value={typed.get(version) ?? ""}
          onChange={(event) => setTyped(new Map(typed).set(version, event.target.value))}
        />
      ),
    },
    {
      title: "Share",
      number: true,
      cell: (version) => {
        const share = shareOf(version, typed);
        return share === undefined ? none : <Share share={share} />;
      },
    },
    { title: "Runs", number: true, cell: (version) => count(outcomes.get(version)?.n ?? 0) },
    {
      title: "Succeeded",
      number: true,
      cell: (version) => {
        const success = outcomes.get(version)?.success ?? null;
        return success === null ? none : percent(success);
      },
    },
    {
      title: "Median",
      number: true,
      cell: (version) => {
        const ms = outcomes.get(version)?.p50_ms ?? null;
        return ms === null ? none : duration(ms);
      },
    },
    {
      title: "Cost",
      number: true,
      cell: (version) => {
        const { n = 0, cost_usd: cost = 0 } = outcomes.get(version) ?? {};
        if (n === 0) return none;
        return (
          <span className="cell-sum">
            {dollars(cost)}
            <span className="quiet">{dollars(cost / n)} a run</span>
          </span>
        );
      },
    },
  ];
  return (
    <Form className="schema-form" onSubmit={save}>
      <Table label="Versions" columns={columns} rows={[...typed.keys()]} keyOf={(version) => version} />
      <Fault said={wrong ?? fault} />
      <div className="decision-buttons">
        <button type="submit" className="button primary" disabled={busy || (!isChanged && experiment !== undefined)}>
          {busy ? "Saving…" : experiment ? "Save weights" : "Begin experiment"}
        </button>
        {isChanged && (
          <button type="button" className="button" onClick={() => setTyped(before)}>
            Leave them as they are
          </button>
        )}
      </div>
      <p className="quiet small">
        With other weights the counting begins anew. A session keeps the version that its runs had, as far as that takes
        part.
      </p>
    </Form>
  );
}

function Share({ share }: { readonly share: number }) {
  return (
    <span className="share">
      <meter className="share-bar" min={0} max={1} value={share} aria-label="Share of the runs" />
      {percent(share)}
    </span>
  );
}
