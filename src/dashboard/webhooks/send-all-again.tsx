import { useState } from "react";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { DialogForm } from "../forms/dialog-form.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { useAct } from "../parts/use-act.ts";
import { useClient } from "../session/session.tsx";
import { sendEach } from "./send-each.ts";

interface Props {
  readonly failing: readonly ExecutionSummary[];
  readonly onSent: () => void;
}

/** Sends again what the listed webhooks did not take, one after the other, after one question. */
export function SendAllAgain({ failing, onSent }: Props) {
  const { webhooks } = useClient();
  const act = useAct();
  const [asking, setAsking] = useState(false);
  const [sent, setSent] = useState(0);
  if (failing.length === 0 && !asking) return null;
  const close = () => {
    setAsking(false);
    setSent(0);
  };
  const sendAll = () =>
    sendEach(
      failing.map(({ execution_id: id }) => id),
      { retry: (id) => webhooks.retry(id), onSent: () => setSent((before) => before + 1) },
    );
  const submit = async () => {
    const done = await act.run(sendAll);
    onSent();
    if (done) close();
  };
  const executions = failing.length === 1 ? "1 execution" : `${failing.length} executions`;
  return (
    <>
      <button type="button" className="button" onClick={() => setAsking(true)}>
        Send all again…
      </button>
      {asking && (
        <Dialog title="Send again what was not taken" onClose={close}>
          <DialogForm
            act={act}
            deed={{ words: `Send ${failing.length} again`, busyWords: `Sending… ${sent}`, danger: false }}
            onSubmit={submit}
            onClose={close}
          >
            <p>
              The newest delivery that was given up is sent again for {executions}, each with attempts of its own. Is
              the address in order now?
            </p>
          </DialogForm>
        </Dialog>
      )}
    </>
  );
}
