/** Starts a function with what its schema asks for, and shows the same call as a shell and a program make it. */
import { useMemo, useState } from "react";
import { Link, useLocation } from "wouter";
import type { AgentSummary } from "../../client/directory.ts";
import { messageField } from "../chat/chatable.ts";
import { useGoTo } from "../execution/use-go-to.ts";
import { Form } from "../forms/form.tsx";
import type { Draft } from "../forms/schema.ts";
import { fieldOf, initialDraft, readDraft } from "../forms/schema.ts";
import { SchemaForm } from "../forms/schema-form.tsx";
import { startAsCurl, startAsTypeScript } from "../parts/copy-as.ts";
import { Fault } from "../parts/fault.tsx";
import { Icon } from "../parts/icon.tsx";
import { Snippet } from "../parts/snippet.tsx";
import { useAct } from "../parts/use-act.ts";
import { useSession } from "../session/session.tsx";

type AgentFunction = AgentSummary["functions"][number];

export function StartForm({ offered }: { readonly offered: AgentFunction }) {
  const { client, keyed } = useSession();
  const goTo = useGoTo();
  const [, navigate] = useLocation();
  const { busy, fault, run } = useAct();
  const field = useMemo(() => fieldOf(offered.input_schema ?? { type: "object", properties: {} }), [offered]);
  const [draft, setDraft] = useState<Draft>(() => initialDraft(field));
  const [tried, setTried] = useState(false);
  const { value, faults } = readDraft(field, draft);
  const start = async () => {
    setTried(true);
    if (faults.size > 0) return;
    await run(async () => {
      const made = await client.executeAsync(offered.target, inputOf(value));
      goTo(made.execution_id);
    });
  };
  const call = { origin: location.origin, target: offered.target, input: value, keyed };
  return (
    <div className="panel start">
      <header className="approval-head">
        <h2>{offered.target}</h2>
        <button
          type="button"
          className="icon-button start-close"
          aria-label="Back to the agents"
          onClick={() => navigate("/agents")}
        >
          <Icon name="close" />
        </button>
      </header>
      <p className="quiet">{offered.description}</p>
      <Form noValidate onSubmit={start}>
        <SchemaForm field={field} draft={draft} faults={tried ? faults : undefined} onChange={setDraft} />
        {offered.files && (
          <p className="quiet small">It takes files too: send them as a form with curl (`-F files=@FILE`).</p>
        )}
        <Fault said={fault} />
        <span className="head-end">
          <button type="submit" className="button primary" disabled={busy}>
            <Icon name="play" size={14} /> {busy ? "Starting…" : "Start"}
          </button>
          {messageField(offered.input_schema) !== undefined && (
            <Link className="button" href={`/chat/${encodeURIComponent(offered.target)}`}>
              <Icon name="sessions" size={14} /> Chat
            </Link>
          )}
        </span>
      </Form>
      <Snippet title="The same as curl" text={startAsCurl(call)} />
      <Snippet title="The same as TypeScript" text={startAsTypeScript(call)} />
    </div>
  );
}

function inputOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
