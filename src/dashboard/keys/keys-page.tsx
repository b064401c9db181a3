/** The API keys of the tenant, for administrators: made, shown once, revoked. */
import { useCallback, useState } from "react";
import type { Client } from "../../client/client.ts";
import { AskButton } from "../forms/ask-button.tsx";
import { useNow } from "../live/now.ts";
import { Icon } from "../parts/icon.tsx";
import { Mark } from "../parts/mark.tsx";
import { Notice } from "../parts/notice.tsx";
import { ReadView } from "../parts/read-view.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { upTo } from "../parts/up-to.ts";
import { useRead } from "../parts/use-read.ts";
import { Ago } from "../parts/when.tsx";
import { useClient } from "../session/session.tsx";
import { useTitle } from "../shell/title.ts";
import { NewKeyDialog } from "./new-key-dialog.tsx";
import "../styles/tables.css";

type Key = Awaited<ReturnType<Client["keys"]["revoke"]>>;

const MOST = 500;

export function KeysPage() {
  const client = useClient();
  const [making, setMaking] = useState(false);
  const read = useRead(useCallback((signal: AbortSignal) => upTo(MOST, client.keys.list({ signal })), [client]));
  const { reload } = read;
  useTitle("Keys");
  return (
    <div className="page">
      <header className="page-head">
        <h1>Keys</h1>
        <button type="button" className="button" onClick={() => setMaking(true)}>
          <Icon name="plus" size={14} /> New key
        </button>
      </header>
      <ReadView read={read} what="The keys">
        {({ items, more }) =>
          items.length === 0 ? (
            <Notice icon="key" title="There are no keys yet">
              A key says who calls, for which user, and what it may do. On a laptop none is needed.
            </Notice>
          ) : (
            <div className="blocks">
              <Keys items={items} onRevoked={reload} />
              {more && <p className="quiet small">The newest {MOST} are shown.</p>}
            </div>
          )
        }
      </ReadView>
      {making && <NewKeyDialog onMade={reload} onClose={() => setMaking(false)} />}
    </div>
  );
}

function Keys({ items, onRevoked }: { readonly items: readonly Key[]; readonly onRevoked: () => void }) {
  const client = useClient();
  const now = useNow(10_000);
  const columns: readonly Column<Key>[] = [
    {
      title: "Key",
      cell: ({ name, prefix }) => (
        <span className="cell-main">
          <b>{name}</b>
          <span className="mono quiet">{prefix}…</span>
        </span>
      ),
    },
    { title: "Acts for", cell: ({ subject }) => subject },
    {
      title: "May",
      cell: ({ scopes, masked }) => (
        <span className="whole-words">{`${scopes.join(", ")}${masked ? ", masked" : ""}`}</span>
      ),
    },
    { title: "A minute", number: true, cell: ({ rate_limit_per_min: limit }) => limit ?? "no limit" },
    { title: "Made", number: true, cell: ({ created_at: at }) => <Ago at={at} now={now} /> },
    {
      title: "State",
      cell: ({ revoked_at: revoked }) => (
        <Mark kind={revoked === null ? "ok" : "rest"} words={revoked === null ? "In force" : "Revoked"} />
      ),
    },
    {
      title: "",
      number: true,
      cell: ({ key_id: id, name, revoked_at: revoked }) =>
        revoked === null && (
          <AskButton
            button={{ className: "button small", label: `Revoke ${name}`, content: "Revoke…" }}
            title="Revoke this key"
            deed={{ words: "Revoke key", busyWords: "Revoking…" }}
            call={() => client.keys.revoke(id)}
            onDone={onRevoked}
          >
            <p>
              <b>{name}</b> opens nothing any more within 30 seconds, open streams included. It cannot be given back.
            </p>
          </AskButton>
        ),
    },
  ];
  return <Table label="Keys" columns={columns} rows={items} keyOf={({ key_id: id }) => id} />;
}
