import type { ReactNode } from "react";
import type { IconName } from "./icon.tsx";
import { Icon } from "./icon.tsx";

interface Props {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  readonly role?: "alert" | "status";
  /** True when it is all that the page has: its title is the first heading. */
  readonly alone?: boolean;
}

/** What stands where a list or a page would: nothing there, not found, an error. */
export function Notice({ icon, title, children, role, alone = false }: Props) {
  const Title = alone ? "h1" : "h2";
  return (
    <div className="notice" role={role}>
      <span className="notice-icon">
        <Icon name={icon} size={20} />
      </span>
      <Title>{title}</Title>
      <div className="quiet">{children}</div>
    </div>
  );
}

/** Lines of the size of what is being loaded, so that nothing jumps when it comes. */
export function Loading({ rows, label }: { readonly rows: number; readonly label: string }) {
  const places = Array.from({ length: rows }, (_, at) => `row ${at}`);
  return (
    <div className="loading" role="status" aria-label={label}>
      {places.map((place) => (
        <div key={place} className="loading-row" />
      ))}
    </div>
  );
}
