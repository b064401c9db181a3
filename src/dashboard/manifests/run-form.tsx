import { useState } from "react";
import type { RunAgentRequest } from "../../client/agents.ts";
import type { AgentSummary } from "../../client/directory.ts";
import { useGoTo } from "../execution/use-go-to.ts";
import { Form } from "../forms/form.tsx";
import { Fault } from "../parts/fault.tsx";
import { Icon } from "../parts/icon.tsx";
import { useAct } from "../parts/use-act.ts";
import { useClient } from "../session/session.tsx";

/** Runs this version with a task and a context, and goes to the execution. */
export function RunForm({ agent }: { readonly agent: AgentSummary }) {
  const client = useClient();
  const goTo = useGoTo();
  const { busy, fault, run } = useAct();
  const [task, setTask] = useState("");
  const [context, setContext] = useState("");
  const [dry, setDry] = useState(false);
  const start = () =>
    run(async () => {
      const request: RunAgentRequest = {
        ...(agent.version === undefined ? {} : { version: agent.version }),
        ...(task.trim() === "" ? {} : { task_context: task.trim() }),
        ...(context.trim() === "" ? {} : { context: contextOf(context) }),
        dry_run: dry,
      };
      const answer = await client.agents.run(agent.agent_id, request, { waitMs: 0 });
      goTo(answer.execution_id);
    });
  return (
    <Form className="schema-form" onSubmit={start}>
      <label className="field">
        <span className="field-title">Task</span>
        <textarea className="input" rows={2} value={task} onChange={(event) => setTask(event.target.value)} />
      </label>
      <label className="field">
        <span className="field-title">
          Context <span className="quiet">optional</span>
        </span>
        <textarea
          className="input mono"
          rows={2}
          spellCheck={false}
          placeholder='{"requirements": "…"}'
          value={context}
          onChange={(event) => setContext(event.target.value)}
        />
      </label>
      <label className="choice">
        <input type="checkbox" checked={dry} onChange={(event) => setDry(event.target.checked)} />
        <span>Plan only, run no skill</span>
      </label>
      <Fault said={fault} />
      <div className="decision-buttons">
        <button type="submit" className="button primary" disabled={busy}>
          <Icon name="play" size={14} /> {busy ? "Starting…" : "Run"}
        </button>
      </div>
    </Form>
  );
}

function contextOf(text: string): NonNullable<RunAgentRequest["context"]> {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The context is no JSON: give an object, as {"name": "value"}.');
  }
}
