import type { ReactNode } from "react";
import { Link } from "wouter";
import { moveFocus } from "./move-focus.ts";

interface Props<T> {
  readonly label: string;
  readonly items: readonly T[];
  /** Where an item leads; no two lead to the same. */
  readonly hrefOf: (item: T) => string;
  /** The item that is looked at. */
  readonly chosen: T | undefined;
  /** True when there are more than these. */
  readonly more?: boolean;
  readonly children: (item: T) => ReactNode;
}

/** A list beside the one of its items that is looked at; the arrow keys go from item to item. */
export function SideList<T>({ label, items, hrefOf, chosen, more = false, children }: Props<T>) {
  return (
    <ul className="inbox-list" aria-label={label}>
      {items.map((item) => (
        <li key={hrefOf(item)}>
          <Link
            className="inbox-item"
            onKeyDown={moveFocus}
            href={hrefOf(item)}
            aria-current={item === chosen ? "true" : undefined}
          >
            {children(item)}
          </Link>
        </li>
      ))}
      {more && <li className="quiet small">The first {items.length} are shown.</li>}
    </ul>
  );
}
