import type { ReactNode } from "react";

/** A name and its value, in a `dl` of the class `payload`. */
export function Line({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
