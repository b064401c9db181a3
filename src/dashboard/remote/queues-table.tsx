import type { Client } from "../../client/client.ts";
import { Fault } from "../parts/fault.tsx";
import { Mark } from "../parts/mark.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { useAct } from "../parts/use-act.ts";
import { Ago } from "../parts/when.tsx";
import { count } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";

type Queue = Awaited<ReturnType<Client["queues"]["pause"]>>;

interface Props {
  readonly items: readonly Queue[];
  readonly more: boolean;
  readonly now: number;
  readonly onChanged: () => void;
}

/** Queues under concurrency limits; administrators pause them and let them go on. */
export function QueuesTable({ items, more, now, onChanged }: Props) {
  const { queues } = useClient();
  const { busy, fault, run } = useAct();
  if (items.length === 0) return <p className="quiet">No limit is held: nothing waits for a slot.</p>;
  const act = (call: () => Promise<unknown>) => {
    run(call)
      .then(onChanged)
      .catch(() => {});
  };
  const columns: readonly Column<Queue>[] = [
    { title: "Queue", cell: ({ queue }) => <b>{queue === "*" ? "The whole tenant" : queue}</b> },
    {
      title: "State",
      cell: ({ paused, depth }) =>
        paused ? (
          <Mark kind="warn" words="Paused" />
        ) : (
          <Mark kind={depth > 0 ? "warn" : "ok"} words={depth > 0 ? "Waits" : "Flows"} />
        ),
    },
    {
      title: "Running",
      number: true,
      cell: ({ running, limit }) => `${count(running)}${limit === null ? "" : ` of ${count(limit)}`}`,
    },
    { title: "Waiting", number: true, cell: ({ depth }) => count(depth) },
    { title: "Oldest", number: true, cell: ({ oldest_at: at }) => at !== null && <Ago at={at} now={now} /> },
    {
      title: "",
      number: true,
      cell: ({ queue, paused }) => (
        <button
          type="button"
          className="button small"
          disabled={busy}
          aria-label={`${paused ? "Resume" : "Pause"} ${queue}`}
          onClick={() => act(() => (paused ? queues.resume(queue) : queues.pause(queue)))}
        >
          {paused ? "Resume" : "Pause"}
        </button>
      ),
    },
  ];
  return (
    <>
      <Table label="Queues" columns={columns} rows={items} keyOf={({ queue }) => queue} />
      <Fault said={fault} />
      {more && <p className="quiet small">The first {items.length} are shown.</p>}
    </>
  );
}
