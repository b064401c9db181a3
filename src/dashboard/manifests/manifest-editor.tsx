/** A manifest as text: checked, with everything that is wrong named, and stored as a version of its agent. */
import { useState } from "react";
import { Form } from "../forms/form.tsx";
import { Fault } from "../parts/fault.tsx";
import { useAct } from "../parts/use-act.ts";
import { useClient } from "../session/session.tsx";

const EMPTY = `name: my.agent
version: 0.1.0
description: What it is for
capabilities: [design]
skills_available: []
reasoning_mode: oneshot
`;

export function ManifestEditor({ onStored }: { readonly onStored: (id: string) => void }) {
  const { agents } = useClient();
  const { busy, fault, run } = useAct();
  const [text, setText] = useState(EMPTY);
  const [said, setSaid] = useState("");
  const check = () => {
    setSaid("");
    run(async () => {
      await agents.validate(text);
      setSaid("Nothing is wrong with it.");
    }).catch(() => {});
  };
  const store = () =>
    run(async () => {
      const { agent_id: id } = await agents.put(nameIn(text), text);
      onStored(id);
    });
  return (
    <div className="panel approval new-schedule">
      <h2>New manifest</h2>
      <Form onSubmit={store}>
        <label className="field">
          <span className="field-title">Manifest, as YAML or JSON</span>
          <textarea
            className="input mono"
            rows={18}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <Fault said={fault} />
        <p className="quiet" role="status">
          {said}
        </p>
        <div className="decision-buttons">
          <button type="submit" className="button primary" disabled={busy}>
            {busy ? "Waiting…" : "Store it"}
          </button>
          <button type="button" className="button" disabled={busy} onClick={check}>
            Check it
          </button>
        </div>
      </Form>
    </div>
  );
}

/** The address of an agent is its name: the one in the text, which the server checks against it. */
function nameIn(text: string): string {
  const [, name] = /^\s*"?name"?\s*:\s*["']?([^"'\s,#]+)/m.exec(text) ?? [];
  if (name === undefined) throw new Error("The manifest has no name.");
  return name;
}
