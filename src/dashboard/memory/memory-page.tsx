/** The keys and values of one memory, as they change. The address says which memory, and what is searched for. */
import { useCallback, useEffect, useState } from "react";
import { useLocation, useSearch } from "wouter";
import type { MemoryOptions, MemoryRecord } from "../../client/memory.ts";
import { MemoryScope } from "../../domain/memory/scope.ts";
import { AskButton } from "../forms/ask-button.tsx";
import { TextField } from "../forms/text-field.tsx";
import { useFeed } from "../live/feed.tsx";
import { useNow } from "../live/now.ts";
import { Icon } from "../parts/icon.tsx";
import { JsonView } from "../parts/json-view.tsx";
import { Notice } from "../parts/notice.tsx";
import { ReadView } from "../parts/read-view.tsx";
import { upTo } from "../parts/up-to.ts";
import { useGathered, useRead } from "../parts/use-read.ts";
import { useSettled } from "../parts/use-settled.ts";
import { Ago, When } from "../parts/when.tsx";
import { sentence } from "../parts/words.ts";
import { useClient, useSession } from "../session/session.tsx";
import { useTitle } from "../shell/title.ts";
import "../styles/tables.css";
import "../styles/memory.css";

const MOST = 500;
/** The place before the first change of a memory. */
const BEFORE_ALL = "0";
/** Agents often write several keys together. */
const AGAIN_MS = 200;
/** An id that is being typed is read when the typing has paused. */
const TYPED_MS = 300;

export function MemoryPage() {
  const [, navigate] = useLocation();
  const asked = new URLSearchParams(useSearch());
  const scope = MemoryScope.catch("global").parse(asked.get("scope"));
  const id = asked.get("id") ?? "";
  const search = asked.get("q") ?? "";
  const typed = id.trim();
  const settled = useSettled(typed, TYPED_MS);
  useTitle("Memory");
  const change = (changed: Readonly<Record<string, string>>) => {
    const next = Object.entries({ scope, id, q: search, ...changed }).filter(([, text]) => text !== "");
    navigate(`/memory?${new URLSearchParams(next)}`, { replace: true });
  };
  return (
    <div className="page">
      <header className="page-head">
        <h1>Memory</h1>
      </header>
      <div className="inputs">
        <label className="field">
          <span className="field-title">Whose memory</span>
          <select className="select" value={scope} onChange={(event) => change({ scope: event.target.value, id: "" })}>
            {[...MemoryScope.options].reverse().map((one) => (
              <option key={one} value={one}>
                {SCOPES[one]}
              </option>
            ))}
          </select>
        </label>
        {scope !== "global" && (
          <TextField title={`${sentence(scope)} id`} value={id} onChange={(text) => change({ id: text })} />
        )}
        <TextField title="Key contains" value={search} onChange={(text) => change({ q: text })} optional />
      </div>
      {scope !== "global" && (typed === "" || settled === "") ? (
        <Notice icon="memory" title={`Which ${scope}?`}>
          Give its id: each {scope} has a memory of its own.
        </Notice>
      ) : (
        <Entries key={`${scope} ${settled}`} scope={scope} id={settled} search={search.trim()} />
      )}
    </div>
  );
}

const SCOPES: Readonly<{ [S in MemoryScope]: string }> = {
  global: "Everybody's in this tenant",
  actor: "An actor's",
  session: "A session's",
  workflow: "A workflow's (run)",
};

function optionsOf(scope: MemoryScope, id: string): MemoryOptions {
  switch (scope) {
    case "global":
      return { scope };
    case "actor":
      return { scope, actorId: id };
    case "session":
      return { scope, sessionId: id };
    case "workflow":
      return { scope, workflowId: id };
  }
}

interface EntriesProps {
  readonly scope: MemoryScope;
  readonly id: string;
  readonly search: string;
}

function Entries({ scope, id, search }: EntriesProps) {
  const client = useClient();
  const now = useNow(10_000);
  const read = useRead(
    useCallback(
      (signal: AbortSignal) => upTo(MOST, client.memory.list({ ...optionsOf(scope, id), signal })),
      [client, scope, id],
    ),
  );
  const fault = useMemoryChanges(scope, id, read.reload);
  return (
    <ReadView read={{ ...read, fault: read.fault ?? fault }} what="The memory">
      {({ items, more }) => {
        const found = items.filter(({ key }) => key.includes(search));
        if (items.length === 0)
          return (
            <Notice icon="memory" title="This memory is empty">
              What agents keep with <code>ctx.memory.set</code>, or callers with <code>POST /api/v1/memory/set</code>,
              appears here at once.
            </Notice>
          );
        if (found.length === 0)
          return (
            <Notice icon="search" title="No key contains this">
              {items.length} {items.length === 1 ? "key is" : "keys are"} there without “{search}”.
            </Notice>
          );
        return (
          <ul className="entries" aria-label="Keys">
            {found.map((record) => (
              <Entry key={record.key} record={record} now={now} options={optionsOf(scope, id)} onGone={read.reload} />
            ))}
            {more && <li className="quiet small">The first {MOST} keys are shown.</li>}
          </ul>
        );
      }}
    </ReadView>
  );
}

interface EntryProps {
  readonly record: MemoryRecord;
  readonly now: number;
  readonly options: MemoryOptions;
  readonly onGone: () => void;
}

function Entry({ record, now, options, onGone }: EntryProps) {
  const client = useClient();
  const { key, data, updated_at: updated, expires_at: expires, metadata } = record;
  const by = metadata.agent_id ?? metadata.actor_id;
  return (
    <li className="panel entry">
      <header>
        <h2 className="mono long">{key}</h2>
        <AskButton
          button={{ className: "icon-button", label: `Delete ${key}`, content: <Icon name="close" size={14} /> }}
          title="Delete this key"
          deed={{ words: "Delete key", busyWords: "Deleting…" }}
          call={() => client.memory.delete(key, options)}
          onDone={onGone}
        >
          <p>
            <b className="mono">{key}</b> and its value are gone then, for every agent that reads this memory.
          </p>
        </AskButton>
      </header>
      <JsonView value={data} name={key} />
      <p className="quiet small">
        Written <Ago at={updated} now={now} />
        {by !== undefined && ` by ${by}`}
        {expires !== undefined && (
          <>
            , forgotten <When at={expires} now={now} />
          </>
        )}
      </p>
    </li>
  );
}

/** Calls `reload` when this memory has changed. Returns why it is not told of changes any more. */
function useMemoryChanges(scope: MemoryScope, id: string, reload: () => void): string | undefined {
  const { client, heard } = useSession();
  const { connection } = useFeed();
  const [fault, setFault] = useState<string>();
  const soon = useGathered(reload, AGAIN_MS);
  useEffect(() => {
    if (connection === "lost") return undefined;
    const leaving = new AbortController();
    const { signal } = leaving;
    setFault(undefined);
    const options = { ...optionsOf(scope, id), signal };
    const watch = async () => {
      // What changed before this place is in what is read from now on; what comes after it is told.
      const [newest] = (await client.memory.history({ ...options, limit: 1 })).slice(-1);
      reload();
      for await (const _change of client.memory.watch({ ...options, since: newest?.id ?? BEFORE_ALL })) soon();
    };
    watch().catch((error: unknown) => {
      if (!signal.aborted) setFault(heard(error));
    });
    return () => leaving.abort();
  }, [client, heard, connection, scope, id, soon, reload]);
  return fault;
}
