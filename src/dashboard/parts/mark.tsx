type Kind = "ok" | "warn" | "bad" | "rest";

/** A dot and a word for what is no execution's status: no colour says anything alone. */
export function Mark({ kind, words }: { readonly kind: Kind; readonly words: string }) {
  return (
    <span className="mark" data-mark={kind}>
      <span className="dot" />
      {words}
    </span>
  );
}
