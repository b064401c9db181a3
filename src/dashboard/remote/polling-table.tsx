/** Agents that poll, in a table: presence and actions, and the button that says whether they are given work. */
import type { ComponentProps } from "react";
import { Link } from "wouter";
import type { PollingAgent } from "../../client/polling-agents.ts";
import { Fault } from "../parts/fault.tsx";
import { Mark } from "../parts/mark.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { useAct } from "../parts/use-act.ts";
import { Ago, When } from "../parts/when.tsx";
import { useClient } from "../session/session.tsx";
import type { MailItem } from "./mailbox.ts";
import { mailInWords } from "./mailbox.ts";

interface Props {
  readonly items: readonly PollingAgent[];
  readonly more: boolean;
  /** By the id of the agent. */
  readonly mail: ReadonlyMap<string, readonly MailItem[]>;
  readonly now: number;
  readonly onChanged: () => void;
}

/** An agent that was silent for so long is said to be. */
const SILENT_MS = 30 * 60_000;

export function PollingTable({ items, more, mail, now, onChanged }: Props) {
  const { pollingAgents } = useClient();
  const { busy, fault, run } = useAct();
  if (items.length === 0) return <p className="quiet">No agent that polls has registered.</p>;
  const turn = (id: string, active: boolean) => {
    run(() => pollingAgents.change(id, { is_active: active }))
      .then(onChanged)
      .catch(() => {});
  };
  const columns: readonly Column<PollingAgent>[] = [
    {
      title: "Agent",
      cell: ({ id, name, role }) => (
        <span className="cell-main">
          <b>{name}</b>
          <span className="quiet">
            <span className="mono">{id}</span>
            {role !== null && `, ${role}`}
          </span>
        </span>
      ),
    },
    { title: "Presence", cell: (agent) => <Presence agent={agent} now={now} /> },
    {
      title: "Actions",
      cell: ({ capabilities }) => <span className="long">{capabilities.map(({ action }) => action).join(", ")}</span>,
    },
    {
      title: "Mailbox",
      cell: ({ id, name }) => (
        <Link href={`/remote?agent=${encodeURIComponent(id)}`}>
          {mailInWords(mail.get(id) ?? []) || "empty"}
          <span className="unseen"> in the mailbox of {name}</span>
        </Link>
      ),
    },
    {
      title: "",
      number: true,
      cell: ({ id, is_active: active }) => (
        <button type="button" className="button small" disabled={busy} onClick={() => turn(id, !active)}>
          {active ? "Give it no work" : "Give it work"}
        </button>
      ),
    },
  ];
  return (
    <>
      <Table label="Agents that ask for their work" columns={columns} rows={items} keyOf={({ id }) => id} />
      <Fault said={fault} />
      {more && <p className="quiet small">The first {items.length} are shown.</p>}
    </>
  );
}

/** In the order of what a person has to know first. */
function presenceOf(agent: PollingAgent, now: number): ComponentProps<typeof Mark> {
  const { is_active: active, last_heartbeat: at } = agent;
  if (!active) return { kind: "rest", words: "Gets no work" };
  if (isDrained(agent, now)) return { kind: "bad", words: "Sick: gets no new work" };
  if (at === null) return { kind: "rest", words: "Not yet there" };
  return now - Date.parse(at) > SILENT_MS ? { kind: "warn", words: "Silent" } : { kind: "ok", words: "There" };
}

/** Leases that it let end without a word, and what follows from them. */
function Lapses({ agent, now }: { readonly agent: PollingAgent; readonly now: number }) {
  const { lapses, drained_since: since, drained_until: until } = agent;
  if (lapses === 0) return null;
  return (
    <span className="quiet">
      {lapses === 1 ? "1 lease" : `${lapses} leases`} ended without a word
      {since !== null && until !== null && isDrained(agent, now) && (
        <>
          ; drained <Ago at={since} now={now} />, work again <When at={until} now={now} /> or when it reports
        </>
      )}
    </span>
  );
}

function isDrained({ drained_until: until }: PollingAgent, now: number): boolean {
  return until !== null && Date.parse(until) > now;
}

function Presence({ agent, now }: { readonly agent: PollingAgent; readonly now: number }) {
  const { last_heartbeat: at } = agent;
  return (
    <span className="cell-main">
      <Mark {...presenceOf(agent, now)} />
      <span className="quiet">
        {at === null ? (
          "never heard of"
        ) : (
          <>
            heard <Ago at={at} now={now} />
          </>
        )}
      </span>
      <Lapses agent={agent} now={now} />
    </span>
  );
}
