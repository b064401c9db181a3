/** The webhook of an execution: its address and events, its deliveries, which can be sent again, and their attempts. */
import { useCallback, useEffect } from "react";
import type { Client } from "../../client/client.ts";
import { useNow } from "../live/now.ts";
import { Fault } from "../parts/fault.tsx";
import { Mark } from "../parts/mark.tsx";
import { ReadView } from "../parts/read-view.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { useAct } from "../parts/use-act.ts";
import { useRead, useReloadAfter } from "../parts/use-read.ts";
import { Ago, When } from "../parts/when.tsx";
import { duration } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import "../styles/tables.css";

type Hook = Awaited<ReturnType<Client["webhooks"]["get"]>>;
type Delivery = Hook["deliveries"][number];
type Attempt = Hook["attempts"][number];

const AGAIN_MS = 500;
/** An attempt takes a moment. */
const AFTER_MS = 1_000;

/** Read again when `seq`, the newest event of the log, has moved: each attempt writes one. */
export function Webhook({ id, seq }: { readonly id: string; readonly seq: number }) {
  const client = useClient();
  const read = useRead(useCallback((signal: AbortSignal) => client.webhooks.get(id, { signal }), [client, id]));
  useReloadAfter(seq, read.reload, AGAIN_MS);
  useAfterNextAttempt(read.value, read.reload);
  return (
    <ReadView read={read} what="The webhook" rows={4}>
      {(hook) =>
        hook.webhook_registered ? (
          <div className="blocks">
            <About hook={hook} onRead={read.reload} />
            <Deliveries id={id} hook={hook} onSent={read.reload} />
            <Attempts attempts={hook.attempts} />
          </div>
        ) : (
          <p className="quiet">{hook.webhook_error ?? "It has no webhook."}</p>
        )
      }
    </ReadView>
  );
}

/** An execution that has ended tells its readers nothing more: what is being sent is looked at when its next attempt is due. */
function useAfterNextAttempt(hook: Hook | undefined, reload: () => void): void {
  useEffect(() => {
    const pending = hook?.deliveries.filter(({ status }) => status === "pending") ?? [];
    if (pending.length === 0) return undefined;
    const due = Math.min(...pending.map(({ next_attempt_at: at }) => (at === undefined ? 0 : Date.parse(at))));
    const timer = setTimeout(reload, Math.max(0, due - Date.now()) + AFTER_MS);
    return () => clearTimeout(timer);
  }, [hook, reload]);
}

function About({ hook, onRead }: { readonly hook: Hook; readonly onRead: () => void }) {
  const { address, events, signed, header_names: headers } = hook;
  return (
    <section className="block">
      <header>
        <h2 className="mono long">{address}</h2>
        <button type="button" className="button small" onClick={onRead}>
          Read again
        </button>
      </header>
      <p className="quiet">
        It is told {events.join(", ")}, {signed ? "signed" : "not signed"}
        {headers.length > 0 && `, with the headers ${headers.join(", ")}`}.
      </p>
    </section>
  );
}

const STANDS = {
  pending: { kind: "warn", words: "Being sent" },
  delivered: { kind: "ok", words: "Delivered" },
  failed: { kind: "bad", words: "Given up" },
} as const satisfies { readonly [S in Delivery["status"]]: object };

interface DeliveriesProps {
  readonly id: string;
  readonly hook: Hook;
  readonly onSent: () => void;
}

function Deliveries({ id, hook, onSent }: DeliveriesProps) {
  const client = useClient();
  const now = useNow(1_000);
  const { busy, fault, run } = useAct();
  const retry = (delivery: number) => {
    run(() => client.webhooks.retry(id, { delivery }))
      .then(onSent)
      .catch(() => {});
  };
  const columns: readonly Column<Delivery>[] = [
    { title: "Event", cell: ({ event, delivery }) => `${event} (event ${delivery})` },
    { title: "State", cell: ({ status }) => <Mark {...STANDS[status]} /> },
    { title: "Attempts", number: true, cell: ({ attempts }) => attempts },
    {
      title: "Next attempt",
      number: true,
      cell: ({ next_attempt_at: at }) => at !== undefined && <When at={at} now={now} />,
    },
    {
      title: "",
      number: true,
      cell: ({ delivery, event, status }) =>
        status !== "pending" && (
          <button
            type="button"
            className="button small"
            disabled={busy}
            aria-label={`Send again: ${event}`}
            onClick={() => retry(delivery)}
          >
            Send again
          </button>
        ),
    },
  ];
  return (
    <section className="block">
      <h2>Deliveries</h2>
      {hook.deliveries.length === 0 ? (
        <p className="quiet">Nothing was to be told yet.</p>
      ) : (
        <Table label="Deliveries" columns={columns} rows={hook.deliveries} keyOf={({ delivery }) => String(delivery)} />
      )}
      <Fault said={fault} />
    </section>
  );
}

function Attempts({ attempts }: { readonly attempts: readonly Attempt[] }) {
  const now = useNow(10_000);
  if (attempts.length === 0) return null;
  const columns: readonly Column<Attempt>[] = [
    { title: "Event", cell: ({ event, attempt }) => `${event}, attempt ${attempt}` },
    {
      title: "Result",
      cell: ({ status, http_status: code }) => (
        <Mark
          kind={status === "delivered" ? "ok" : "bad"}
          words={`${status === "delivered" ? "Delivered" : "Failed"}${code === undefined ? "" : ` (${code})`}`}
        />
      ),
    },
    { title: "Error", cell: ({ error_message: error }) => error },
    { title: "Took", number: true, cell: ({ duration_ms: ms }) => duration(ms) },
    {
      title: "When",
      number: true,
      cell: ({ created_at: at }) => <Ago at={at} now={now} />,
    },
  ];
  const keyOf = ({ delivery, attempt, created_at: at }: Attempt) => `${delivery} ${attempt} ${at}`;
  return (
    <section className="block">
      <h2>Attempts</h2>
      <Table label="Attempts" columns={columns} rows={[...attempts].reverse()} keyOf={keyOf} />
    </section>
  );
}
