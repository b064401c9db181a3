import { useState } from "react";
import { Dialog } from "../parts/dialog.tsx";
import { Fault } from "../parts/fault.tsx";
import { Form } from "../parts/form.tsx";
import { useAct } from "../parts/use-act.ts";
import { useClient } from "../session/session.tsx";

interface Props {
  readonly keyId: string;
  readonly name: string;
  readonly onRevoked: () => void;
}

/** Revokes a key after one question. */
export function RevokeButton({ keyId, name, onRevoked }: Props) {
  const client = useClient();
  const { busy, fault, run } = useAct();
  const [asking, setAsking] = useState(false);
  const revoke = async () => {
    if (!(await run(() => client.keys.revoke(keyId)))) return;
    setAsking(false);
    onRevoked();
  };
  return (
    <>
      <button type="button" className="button small" aria-label={`Revoke ${name}`} onClick={() => setAsking(true)}>
        Revoke…
      </button>
      {asking && (
        <Dialog title="Revoke this key" onClose={() => setAsking(false)}>
          <Form className="dialog-body" onSubmit={revoke}>
            <p>
              <b>{name}</b> opens nothing any more within 30 seconds, open streams included. It cannot be given back.
            </p>
            <Fault said={fault} />
            <footer className="dialog-foot">
              <button type="button" className="button" onClick={() => setAsking(false)}>
                Keep it
              </button>
              <button type="submit" className="button danger" disabled={busy}>
                {busy ? "Revoking…" : "Revoke key"}
              </button>
            </footer>
          </Form>
        </Dialog>
      )}
    </>
  );
}
