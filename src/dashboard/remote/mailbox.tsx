/** The mailbox of one agent that polls, in a table: what it has, what it may take, what waits for a person. */
import { useEffect, useRef } from "react";
import { Link } from "wouter";
import type { PollingAgent } from "../../client/polling-agents.ts";
import { Mark } from "../parts/mark.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { When } from "../parts/when.tsx";
import type { MailItem } from "./mailbox.ts";

interface Props {
  readonly agent: PollingAgent;
  readonly items: readonly MailItem[];
  /** True when there are more open executions than were looked at. */
  readonly more: boolean;
  readonly now: number;
}

export function Mailbox({ agent, items, more, now }: Props) {
  const columns: readonly Column<MailItem>[] = [
    {
      title: "Work",
      cell: ({ subtask, taskTitle }) => (
        <span className="cell-main">
          <b>{subtask.title}</b>
          <span className="quiet">{taskTitle}</span>
        </span>
      ),
    },
    { title: "Action", cell: ({ subtask: { action } }) => action !== null && <code>{action}</code> },
    { title: "State", cell: (item) => <State item={item} now={now} /> },
    {
      title: "Plan",
      cell: ({ executionId, planId }) => <Link href={`/executions/${encodeURIComponent(executionId)}`}>{planId}</Link>,
    },
    {
      title: "Attempt",
      number: true,
      cell: ({ subtask: { attempt, max_attempts: most } }) => `${attempt} of ${most}`,
    },
  ];
  const box = useRef<HTMLElement>(null);
  // It stands below a table that may be long.
  useEffect(() => {
    // Newer browsers answer with a promise, which is no way to clean up.
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <section ref={box} className="block">
      <header>
        <h2>Mailbox of {agent.name}</h2>
        <Link className="button small" href="/remote">
          Close
        </Link>
      </header>
      {items.length === 0 ? (
        <p className="quiet">
          {!agent.is_active
            ? "It is empty: this agent is given no work."
            : agent.drained_until !== null
              ? "It is empty: this agent gets no new work while it is drained."
              : "It is empty: no open plan has work for its actions now."}
        </p>
      ) : (
        <Table
          label={`Mailbox of ${agent.name}`}
          columns={columns}
          rows={items}
          keyOf={({ executionId, subtask }) => `${executionId} ${subtask.id}`}
        />
      )}
      {more && <p className="quiet small">The newest open executions of plans were looked at; there are more.</p>}
    </section>
  );
}

function State({ item, now }: { readonly item: MailItem; readonly now: number }) {
  const { place, subtask } = item;
  const { state, lease_expires_at: expires, blocked } = subtask;
  if (place === "offered") return <Mark kind="rest" words="Offered" />;
  if (place === "blocked")
    return (
      <span className="cell-main">
        <Mark kind="warn" words="Blocked" />
        {blocked && <span className="quiet">{blocked.why}</span>}
      </span>
    );
  const late = expires !== null && Date.parse(expires) < now;
  return (
    <span className="cell-main">
      <Mark kind={late ? "warn" : "ok"} words={HELD[state] ?? "Held"} />
      {expires !== null && (
        <span className="quiet">
          {late ? "its lease ended" : "its lease ends"} <When at={expires} now={now} />
        </span>
      )}
    </span>
  );
}

const HELD: Readonly<Partial<Record<MailItem["subtask"]["state"], string>>> = {
  leased: "Given, not begun",
  started: "Under way",
  awaiting: "Waits for the outside",
};
