import type { ReactNode } from "react";
import { useState } from "react";
import { Dialog } from "../parts/dialog.tsx";
import { useAct } from "../parts/use-act.ts";
import type { Deed } from "./dialog-form.tsx";
import { DialogForm } from "./dialog-form.tsx";

interface Props {
  readonly button: { readonly className: string; readonly label?: string; readonly content: ReactNode };
  /** Of the dialog. */
  readonly title: string;
  readonly deed: Omit<Deed, "danger">;
  readonly call: () => Promise<unknown>;
  readonly onDone: () => void;
  /** What follows from it. */
  readonly children: ReactNode;
}

/** A button that takes something away, after one question. */
export function AskButton({ button, title, deed, call, onDone, children }: Props) {
  const act = useAct();
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  const submit = async () => {
    if (!(await act.run(call))) return;
    close();
    onDone();
  };
  return (
    <>
      <button type="button" className={button.className} aria-label={button.label} onClick={() => setAsking(true)}>
        {button.content}
      </button>
      {asking && (
        <Dialog title={title} onClose={close}>
          <DialogForm act={act} deed={{ ...deed, danger: true }} onSubmit={submit} onClose={close}>
            {children}
          </DialogForm>
        </Dialog>
      )}
    </>
  );
}
