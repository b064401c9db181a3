/** Search and filters of the list. Each change is a new address. */
import { useEffect, useRef, useState } from "react";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { Status } from "../../domain/execution/status.ts";
import { Icon } from "../parts/icon.tsx";
import { Segments } from "../parts/segments.tsx";
import { useShortcuts } from "../parts/shortcuts.ts";
import { count, statusWord } from "../parts/words.ts";
import { attributeWord, SIGNS, valueText } from "./attribute-tests.ts";
import type { Filters } from "./filters.ts";
import { isFiltered, NO_FILTERS } from "./filters.ts";
import { MoreFilters } from "./more-filters.tsx";

interface Props {
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
  /** What is listed; undefined until it was read. */
  readonly rows: readonly ExecutionSummary[] | undefined;
  readonly isWhole: boolean;
}

const WITHIN = [
  ["", "Any time"],
  ["1h", "Last hour"],
  ["24h", "Last 24 hours"],
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
] as const;

/** Statuses that people look for together. */
const GROUPS: readonly { readonly words: string; readonly statuses: readonly Status[] }[] = [
  { words: "All", statuses: [] },
  { words: "Active", statuses: ["pending", "queued", "running"] },
  { words: "Needs a person", statuses: ["waiting", "blocked", "paused"] },
  { words: "Failed", statuses: ["failed", "timeout"] },
  { words: "Succeeded", statuses: ["succeeded"] },
];

export function FilterBar({ filters, onChange, rows, isWhole }: Props) {
  const shown = rows?.length;
  const group = GROUPS.find(({ statuses }) => isSame(statuses, filters.statuses));
  return (
    <search className="filters" aria-label="Filters">
      <Segments
        label="Status"
        options={GROUPS}
        chosen={group}
        wordsOf={({ words }) => words}
        onChoose={({ statuses }) => onChange({ ...filters, statuses })}
      />
      <SearchField value={filters.search} onChange={(search) => onChange({ ...filters, search })} />
      <select
        className="select"
        aria-label="One status"
        value={filters.statuses.length === 1 && group === undefined ? filters.statuses[0] : ""}
        onChange={(event) => onChange({ ...filters, statuses: Status.options.filter((s) => s === event.target.value) })}
      >
        <option value="">Status</option>
        {Status.options.map((status) => (
          <option key={status} value={status}>
            {statusWord(status)}
          </option>
        ))}
      </select>
      <select
        className="select"
        aria-label="Created within"
        value={filters.within}
        onChange={(event) => onChange({ ...filters, within: event.target.value })}
      >
        {WITHIN.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
      <MoreFilters filters={filters} rows={rows ?? []} onChange={onChange} />
      <Chips filters={filters} onChange={onChange} />
      <span className="filters-end quiet num" role="status">
        {shown === undefined ? "" : `${count(shown)}${isWhole ? "" : "+"} ${shown === 1 ? "execution" : "executions"}`}
      </span>
    </search>
  );
}

function isSame(a: readonly Status[], b: readonly Status[]): boolean {
  return a.length === b.length && a.every((status) => b.includes(status));
}

const TYPED_MS = 250;

/** What is typed is searched for after a moment. `/` leads here from anywhere on the page. */
function SearchField({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const sent = useRef(value);
  if (value !== sent.current) {
    sent.current = value;
    setText(value);
  }
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    if (text.trim() === sent.current) return undefined;
    const timer = setTimeout(() => {
      sent.current = text.trim();
      latest.current(text.trim());
    }, TYPED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useShortcuts((key) => {
    if (key === "/") field.current?.focus();
    return key === "/";
  });
  return (
    <label className="search">
      <Icon name="search" />
      <span className="unseen">Search ids, targets and errors</span>
      <input
        ref={field}
        type="search"
        placeholder="Id, target or error"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <kbd>/</kbd>
    </label>
  );
}

const CHIPS = ["target", "agent", "session", "run", "actor", "schedule", "from", "to"] as const;

/** Filters that were added, or that come from links of other pages, each with a way to leave it. */
function Chips({ filters, onChange }: Pick<Props, "filters" | "onChange">) {
  return (
    <>
      {CHIPS.filter((name) => filters[name] !== "").map((name) => (
        <Chip key={name} name={name} value={filters[name]} onLeave={() => onChange({ ...filters, [name]: "" })} />
      ))}
      {filters.attributes.map((test) => (
        <Chip
          key={attributeWord(test)}
          name={test.name}
          value={`${SIGNS[test.comparison]} ${valueText(test.value)}`}
          onLeave={() => onChange({ ...filters, attributes: filters.attributes.filter((one) => one !== test) })}
        />
      ))}
      {isFiltered(filters) && (
        <button type="button" className="button plain" onClick={() => onChange(NO_FILTERS)}>
          Clear
        </button>
      )}
    </>
  );
}

interface ChipProps {
  readonly name: string;
  readonly value: string;
  readonly onLeave: () => void;
}

function Chip({ name, value, onLeave }: ChipProps) {
  return (
    <button type="button" className="chip" onClick={onLeave}>
      <span className="quiet">{name}</span> <span className="cut">{value}</span>
      <Icon name="close" size={12} />
      <span className="unseen">: remove this filter</span>
    </button>
  );
}
