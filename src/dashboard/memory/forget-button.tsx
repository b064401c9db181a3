import { useState } from "react";
import type { MemoryOptions } from "../../client/memory.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Fault } from "../parts/fault.tsx";
import { Form } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { useAct } from "../parts/use-act.ts";
import { useClient } from "../session/session.tsx";

interface Props {
  readonly name: string;
  readonly options: MemoryOptions;
  readonly onGone: () => void;
}

/** Deletes a key after one question. */
export function ForgetButton({ name, options, onGone }: Props) {
  const client = useClient();
  const { busy, fault, run } = useAct();
  const [asking, setAsking] = useState(false);
  const forget = async () => {
    if (!(await run(() => client.memory.delete(name, options)))) return;
    setAsking(false);
    onGone();
  };
  return (
    <>
      <button type="button" className="icon-button" aria-label={`Delete ${name}`} onClick={() => setAsking(true)}>
        <Icon name="close" size={14} />
      </button>
      {asking && (
        <Dialog title="Delete this key" onClose={() => setAsking(false)}>
          <Form className="dialog-body" onSubmit={forget}>
            <p>
              <b className="mono">{name}</b> and its value are gone then, for every agent that reads this memory.
            </p>
            <Fault said={fault} />
            <footer className="dialog-foot">
              <button type="button" className="button" onClick={() => setAsking(false)}>
                Keep it
              </button>
              <button type="submit" className="button danger" disabled={busy}>
                {busy ? "Deleting…" : "Delete key"}
              </button>
            </footer>
          </Form>
        </Dialog>
      )}
    </>
  );
}
