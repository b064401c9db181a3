import type { Status } from "../../domain/execution/status.ts";
import { statusWord } from "./words.ts";

/** A dot and a word: no colour says anything alone. */
export function StatusMark({ status }: { readonly status: Status }) {
  return (
    <span className="status" data-status={status}>
      <span className="dot" />
      {statusWord(status)}
    </span>
  );
}
