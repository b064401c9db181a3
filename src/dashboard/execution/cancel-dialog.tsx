import { useState } from "react";
import { Link } from "wouter";
import { DialogForm } from "../forms/dialog-form.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { useAct } from "../parts/use-act.ts";
import { shortId } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";

/** Cancels, and then names those who have not confirmed yet. */
export function CancelDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const client = useClient();
  const act = useAct();
  const [reason, setReason] = useState("");
  const [pending, setPending] = useState<readonly string[]>();
  const cancel = async () => {
    const said = await client.cancel(id, reason.trim() === "" ? {} : { reason: reason.trim() });
    if (said.pending.length === 0) onClose();
    else setPending(said.pending);
  };
  return (
    <Dialog title="Cancel this execution" onClose={onClose}>
      {pending === undefined ? (
        <DialogForm
          act={act}
          deed={{ words: "Cancel execution", busyWords: "Cancelling…", danger: true }}
          onSubmit={() => act.run(cancel)}
          onClose={onClose}
        >
          <p>Nothing new begins from now on, here and in everything that it has started. What has happened stays.</p>
          <label className="field">
            <span className="field-title">
              Reason <span className="quiet">optional</span>
            </span>
            <input
              className="input"
              value={reason}
              maxLength={2_000}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
        </DialogForm>
      ) : (
        <div className="dialog-body" role="status">
          <p>It is cancelled. These have not confirmed yet that nothing of theirs goes on:</p>
          <ul className="plain-list">
            {pending.map((who) => (
              <li key={who} className="mono">
                <Link href={`/executions/${encodeURIComponent(who)}`}>{shortId(who)}</Link>
              </li>
            ))}
          </ul>
          <footer className="dialog-foot">
            <button type="button" className="button" onClick={onClose}>
              Close
            </button>
          </footer>
        </div>
      )}
    </Dialog>
  );
}
