/** The name of an execution, how it stands, where it belongs, and what can be done with it as a whole. */
import { Link } from "wouter";
import { attributeWord } from "../executions/attribute-tests.ts";
import type { FollowedExecution } from "../live/use-execution.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { shortId } from "../parts/words.ts";
import { Actions } from "./actions.tsx";
import type { Shown } from "./shown.ts";

interface Props {
  readonly shown: Shown;
  readonly connection: FollowedExecution["connection"];
}

export function ExecutionHead({ shown, connection }: Props) {
  const { body, status, at } = shown;
  return (
    <header className="execution-head">
      <div className="execution-title">
        <h1>{body.target}</h1>
        <StatusMark status={status} />
        {body.simulated && (
          <span className="tag" title="The scripted model answered: no provider was called, and nothing was paid.">
            simulated
          </span>
        )}
        <span className="live-mark" role="status" data-connection={at === undefined ? connection : "past"}>
          {at === undefined ? LIVE[connection] : `At event ${at}`}
        </span>
      </div>
      <Actions shown={shown} />
      <Belongs shown={shown} />
    </header>
  );
}

const LIVE = { connecting: "Connecting…", live: "Live", lost: "Reconnecting…", ended: "" } as const;

function Belongs({ shown: { body } }: Pick<Props, "shown">) {
  const { execution_id: id, run_id: run, session_id: session, parent_execution_id: parent } = body;
  return (
    <dl className="belongs">
      <div>
        <dt>Execution</dt>
        <dd className="mono">
          {shortId(id)} <CopyButton text={id} what="the id" />
        </dd>
      </div>
      <div>
        <dt>Run</dt>
        <dd className="mono">
          <Link href={`/runs/${encodeURIComponent(run)}`}>{run}</Link>
        </dd>
      </div>
      {session !== undefined && (
        <div>
          <dt>Session</dt>
          <dd className="mono">
            <Link href={`/executions?session=${encodeURIComponent(session)}`}>{session}</Link>
          </dd>
        </div>
      )}
      <Attributes of={body.attributes} />
      <Other words="Parent" id={parent} />
      <Other words="Restart of" id={body.restarted_from} />
      <Other words="Restarted as" id={body.restarted_as} />
      <Difference id={id} other={body.restarted_from ?? body.restarted_as} />
    </dl>
  );
}

/** Each leads to the executions that have it too. */
function Attributes({ of }: { readonly of: Shown["body"]["attributes"] }) {
  return Object.entries(of ?? {}).map(([name, value]) => (
    <div key={name}>
      <dt>{name}</dt>
      <dd>
        <Link
          href={`/executions?${new URLSearchParams({ attribute: attributeWord({ name, comparison: "=", value }) })}`}
        >
          {String(value)}
        </Link>
      </dd>
    </div>
  ));
}

/** Leads to what differs between a restart and its source. */
function Difference({ id, other }: { readonly id: string; readonly other: string | undefined }) {
  if (other === undefined) return null;
  return (
    <div>
      <dt className="unseen">Difference</dt>
      <dd>
        <Link href={`/compare?${new URLSearchParams({ left: other, right: id })}`}>Difference</Link>
      </dd>
    </div>
  );
}

function Other({ words, id }: { readonly words: string; readonly id: string | undefined }) {
  if (id === undefined) return null;
  return (
    <div>
      <dt>{words}</dt>
      <dd className="mono">
        <Link href={`/executions/${encodeURIComponent(id)}`}>{shortId(id)}</Link>
      </dd>
    </div>
  );
}
