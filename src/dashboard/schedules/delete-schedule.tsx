import { Dialog } from "../parts/dialog.tsx";
import { Fault } from "../parts/fault.tsx";
import { Form } from "../parts/form.tsx";
import { useAct } from "../parts/use-act.ts";
import { useClient } from "../session/session.tsx";

interface Props {
  readonly id: string;
  readonly onClose: () => void;
  readonly onGone: () => void;
}

export function DeleteSchedule({ id, onClose, onGone }: Props) {
  const client = useClient();
  const { busy, fault, run } = useAct();
  const remove = async () => {
    if (await run(() => client.schedules.delete(id))) onGone();
  };
  return (
    <Dialog title="Delete this schedule" onClose={onClose}>
      <Form className="dialog-body" onSubmit={remove}>
        <p>
          <b>{id}</b> fires no more. Executions that it has started go on.
        </p>
        <Fault said={fault} />
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Keep it
          </button>
          <button type="submit" className="button danger" disabled={busy}>
            {busy ? "Deleting…" : "Delete schedule"}
          </button>
        </footer>
      </Form>
    </Dialog>
  );
}
