/** A dialog that makes a key, and shows it once. */
import { useState } from "react";
import type { NewKey } from "../../client/keys.ts";
import { Scope } from "../../domain/execution/principal.ts";
import { DialogForm } from "../forms/dialog-form.tsx";
import { TextField } from "../forms/text-field.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Fault } from "../parts/fault.tsx";
import { Snippet } from "../parts/snippet.tsx";
import { useAct } from "../parts/use-act.ts";
import { useClient } from "../session/session.tsx";

interface Props {
  readonly onMade: () => void;
  readonly onClose: () => void;
}

export function NewKeyDialog({ onMade, onClose }: Props) {
  const [key, setKey] = useState<string>();
  const made = (text: string) => {
    setKey(text);
    onMade();
  };
  return (
    <Dialog title={key === undefined ? "New key" : "Copy the key now"} onClose={onClose}>
      {key === undefined ? (
        <KeyForm onMade={made} onClose={onClose} />
      ) : (
        <div className="dialog-body" role="status">
          <p>It is shown this once and never again: only its digest is kept.</p>
          <Snippet title="The key" text={key} />
          <footer className="dialog-foot">
            <button type="button" className="button primary" onClick={onClose}>
              I have it
            </button>
          </footer>
        </div>
      )}
    </Dialog>
  );
}

const MAY: Readonly<{ [S in Scope]: string }> = {
  admin: "everything, keys included",
  execute: "start, signal, cancel",
  read: "read executions and what they made",
  agent: "run as an agent: take work, report",
  approve: "decide approvals of the whole tenant",
};

interface FormProps {
  readonly onMade: (key: string) => void;
  readonly onClose: () => void;
}

function KeyForm({ onMade, onClose }: FormProps) {
  const client = useClient();
  const act = useAct();
  const [name, setName] = useState("");
  const [subject, setSubject] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(["execute", "read"]);
  const [masked, setMasked] = useState(false);
  const [tried, setTried] = useState(false);
  const make = async () => {
    setTried(true);
    if (name.trim() === "" || scopes.length === 0) return;
    const wanted: NewKey = {
      name: name.trim(),
      scopes: [...scopes],
      ...(subject.trim() === "" ? {} : { subject: subject.trim() }),
      ...(masked ? { masked } : {}),
    };
    await act.run(async () => onMade((await client.keys.create(wanted)).key));
  };
  const toggle = (scope: Scope) =>
    setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope]);
  return (
    <DialogForm
      act={act}
      deed={{ words: "Make the key", busyWords: "Making it…" }}
      stay="Cancel"
      noValidate
      onSubmit={make}
      onClose={onClose}
    >
      <TextField
        title="Name"
        value={name}
        onChange={setName}
        hint="What people tell it by"
        fault={tried && name.trim() === "" ? "This field is required." : undefined}
      />
      <TextField title="Acts for" value={subject} onChange={setSubject} optional hint="A user; default: you" />
      <fieldset className="choices">
        <legend className="field-title">It may</legend>
        {Scope.options.map((scope) => (
          <label key={scope} className="choice">
            <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
            <span>
              {scope} <span className="quiet small">{MAY[scope]}</span>
            </span>
          </label>
        ))}
        <Fault said={tried && scopes.length === 0 ? "Choose at least one." : undefined} />
      </fieldset>
      <label className="choice">
        <input type="checkbox" checked={masked} onChange={() => setMasked(!masked)} />
        <span>
          Masked <span className="quiet small">it reads e-mail addresses and phone numbers masked</span>
        </span>
      </label>
    </DialogForm>
  );
}
