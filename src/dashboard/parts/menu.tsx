import type { ReactNode } from "react";
import { useEffect, useId, useRef, useState } from "react";

interface Props {
  /** On the button. */
  readonly button: ReactNode;
  readonly label: string;
  /** Drawn while it is open; `close` closes it. */
  readonly children: (close: () => void) => ReactNode;
}

/** A button with a small panel below it. Escape, a press elsewhere and focus that leaves it close the panel. */
export function Menu({ button, label, children }: Props) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return undefined;
    const left = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    const escaped = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      opener.current?.focus();
    };
    addEventListener("pointerdown", left);
    addEventListener("focusin", left);
    addEventListener("keydown", escaped);
    return () => {
      removeEventListener("pointerdown", left);
      removeEventListener("focusin", left);
      removeEventListener("keydown", escaped);
    };
  }, [open]);
  return (
    <div ref={box} className="menu">
      <button
        ref={opener}
        type="button"
        className="button"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <section id={id} className="menu-panel" aria-label={label}>
          {children(() => setOpen(false))}
        </section>
      )}
    </div>
  );
}
