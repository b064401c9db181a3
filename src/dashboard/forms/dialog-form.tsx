import type { ReactNode } from "react";
import { Fault } from "../parts/fault.tsx";
import type { Act } from "../parts/use-act.ts";
import { Form } from "./form.tsx";

export interface Deed {
  /** On the button, "Revoke key"; and while it is under way, "Revoking…". */
  readonly words: string;
  readonly busyWords: string;
  /** Takes something away: its button warns. */
  readonly danger?: boolean;
}

interface Props {
  readonly act: Pick<Act, "busy" | "fault">;
  readonly deed: Deed;
  /** On the button that leaves all as it is. */
  readonly stay?: string;
  /** Its own checks say what is wrong, and not the browser's. */
  readonly noValidate?: boolean;
  readonly onSubmit: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** What a dialog says and asks, why it was refused, and two buttons: one does it, one leaves all as it is. */
export function DialogForm({ act, deed, stay = "Keep it", onClose, children, ...form }: Props) {
  const { words, busyWords, danger = false } = deed;
  return (
    <Form className="dialog-body" {...form}>
      {children}
      <Fault said={act.fault} />
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          {stay}
        </button>
        <button type="submit" className={`button ${danger ? "danger" : "primary"}`} disabled={act.busy}>
          {act.busy ? busyWords : words}
        </button>
      </footer>
    </Form>
  );
}
