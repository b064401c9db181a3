/** Tabs by the pattern of the ARIA guide: one is in the tab order, the arrows go between them. */
import type { KeyboardEvent, ReactNode } from "react";
import { useEffect, useRef } from "react";

interface Tab {
  readonly id: string;
  readonly title: string;
  readonly count?: number | undefined;
}

interface Props {
  readonly tabs: readonly Tab[];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
  readonly label: string;
  readonly children: ReactNode;
}

export function Tabs({ tabs, chosen, onChoose, label, children }: Props) {
  const list = useRef<HTMLDivElement>(null);
  // On a phone the tabs are wider than the screen. Only their own box is moved: the page stays where it is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the chosen one is found in the document.
  useEffect(() => {
    const box = list.current;
    if (!box) return undefined;
    const look = () => {
      const tab = box.querySelector<HTMLElement>("[aria-selected=true]");
      const end = tab ? tab.offsetLeft + tab.offsetWidth - box.offsetLeft : 0;
      if (end > box.scrollLeft + box.clientWidth) box.scrollLeft = end - box.clientWidth;
    };
    const sizes = new ResizeObserver(look);
    sizes.observe(box);
    return () => sizes.disconnect();
  }, [chosen]);
  const move = (event: KeyboardEvent) => {
    const step = STEPS.get(event.key);
    if (step === undefined) return;
    event.preventDefault();
    const at = tabs.findIndex(({ id }) => id === chosen);
    const next = (at + step + tabs.length) % tabs.length;
    onChoose(tabs[next]?.id ?? chosen);
    list.current?.querySelectorAll<HTMLButtonElement>("[role=tab]")[next]?.focus();
  };
  return (
    <section className="tabs">
      <div ref={list} className="tab-list" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map(({ id, title, count }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-selected={id === chosen}
            aria-controls="tab-panel"
            tabIndex={id === chosen ? 0 : -1}
            className="tab"
            onClick={() => onChoose(id)}
          >
            {title}
            {count !== undefined && count > 0 && <span className="tab-count num">{count}</span>}
          </button>
        ))}
      </div>
      <div id="tab-panel" className="tab-panel" role="tabpanel" aria-labelledby={`tab-${chosen}`}>
        {children}
      </div>
    </section>
  );
}

const STEPS: ReadonlyMap<string, number> = new Map([
  ["ArrowRight", 1],
  ["ArrowLeft", -1],
]);
