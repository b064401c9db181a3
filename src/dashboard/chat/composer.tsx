import { Form } from "../forms/form.tsx";
import { Fault } from "../parts/fault.tsx";

interface Props {
  readonly text: string;
  readonly busy: boolean;
  readonly fault: string | undefined;
  readonly onChange: (text: string) => void;
  /** Called with a text in the field, and not while it is busy. */
  readonly onSend: () => Promise<unknown>;
}

/** Where a message is written. */
export function Composer({ text, busy, fault, onChange, onSend }: Props) {
  const send = async () => {
    if (text.trim() !== "" && !busy) await onSend();
  };
  return (
    <Form className="composer" onSubmit={send}>
      <Fault said={fault} />
      <label className="composer-field">
        <span className="unseen">Message</span>
        <textarea
          className="input"
          rows={2}
          placeholder="Message: Enter sends it, Shift and Enter begin a line"
          value={text}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send().catch(() => {});
          }}
        />
      </label>
      <button type="submit" className="button primary" disabled={busy || text.trim() === ""}>
        {busy ? "Sending…" : "Send"}
      </button>
    </Form>
  );
}
