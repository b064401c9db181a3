/** Pause, resume, cancel and restart, and the calls that show this execution elsewhere. */
import { useState } from "react";
import { isTerminal } from "../../domain/execution/status.ts";
import { Icon } from "../parts/icon.tsx";
import { useAct } from "../parts/use-act.ts";
import { useClient, useSession } from "../session/session.tsx";
import { CancelDialog } from "./cancel-dialog.tsx";
import { CopyAs } from "./copy-as.tsx";
import { RestartDialog } from "./restart-dialog.tsx";
import type { Shown } from "./shown.ts";

type Open = "cancel" | "restart" | "copy" | undefined;

export function Actions({ shown }: { readonly shown: Shown }) {
  const { body } = shown;
  const { keyed } = useSession();
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const status = shown.at === undefined ? shown.status : body.status;
  return (
    <div className="actions">
      <button type="button" className="button" onClick={() => setOpen("copy")}>
        <Icon name="copy" size={14} /> Copy as
      </button>
      {isTerminal(status) ? (
        <button type="button" className="button" onClick={() => setOpen("restart")}>
          <Icon name="restart" size={14} /> Restart
        </button>
      ) : (
        <>
          <PauseOrResume id={body.execution_id} stands={goesOnByResume(body.type, status)} />
          <button type="button" className="button danger" onClick={() => setOpen("cancel")}>
            <Icon name="stop" size={14} /> Cancel
          </button>
        </>
      )}
      {open === "cancel" && <CancelDialog id={body.execution_id} onClose={close} />}
      {open === "restart" && <RestartDialog shown={shown} onClose={close} />}
      {open === "copy" && <CopyAs shown={shown} keyed={keyed} onClose={close} />}
    </div>
  );
}

/** A plan that is blocked goes on by a choice for its subtask. */
function goesOnByResume(type: string, status: string): boolean {
  return status === "paused" || (status === "blocked" && type !== "plan");
}

function PauseOrResume({ id, stands }: { readonly id: string; readonly stands: boolean }) {
  const client = useClient();
  const { busy, fault, run } = useAct();
  const call = () => (stands ? client.resume(id) : client.pause(id));
  return (
    <>
      <button type="button" className="button" disabled={busy} onClick={() => run(call)}>
        <Icon name={stands ? "play" : "pause"} size={14} /> {stands ? "Resume" : "Pause"}
      </button>
      {fault !== undefined && (
        <p className="fault act-fault" role="alert">
          {fault}
        </p>
      )}
    </>
  );
}
