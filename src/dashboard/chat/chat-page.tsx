/**
 * A talk with a function that takes one text: each message is an execution of its own in one session, whose answer is shown while
 * it is written. The address says with whom and in which session.
 */
import { useCallback, useEffect, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { useChanges } from "../live/feed.tsx";
import { Notice } from "../parts/notice.tsx";
import { ReadView } from "../parts/read-view.tsx";
import { useAct } from "../parts/use-act.ts";
import { useRead } from "../parts/use-read.ts";
import { useClient } from "../session/session.tsx";
import { useTitle } from "../shell/title.ts";
import { messageField } from "./chatable.ts";
import { Composer } from "./composer.tsx";
import { conversationHref } from "./conversation-log.ts";
import { Exchange } from "./exchange.tsx";
import { useKeptAtEnd } from "./kept-at-end.ts";
import "../styles/chat.css";

/** Messages that are shown: each is followed by a connection until it is answered. */
const MOST = 30;

export function ChatPage({ target }: { readonly target: string }) {
  const client = useClient();
  const [, navigate] = useLocation();
  const session = new URLSearchParams(useSearch()).get("session") ?? "";
  useTitle(`Chat with ${target}`);
  useEffect(() => {
    if (session !== "") return;
    const drawn = `chat-${crypto.randomUUID().slice(0, 8)}`;
    navigate(`/chat/${encodeURIComponent(target)}?session=${drawn}`, { replace: true });
  }, [session, target, navigate]);
  const read = useRead(
    useCallback(
      async (signal: AbortSignal) => {
        for await (const agent of client.directory.agents({ signal })) {
          const found = agent.functions.find((one) => one.target === target);
          if (found) return messageField(found.input_schema) ?? "";
        }
        return undefined;
      },
      [client, target],
    ),
  );
  return (
    <div className="page chat-page">
      <header className="page-head">
        <h1>{target}</h1>
        <span className="head-end">
          {target.endsWith(".chat") && session !== "" && (
            <Link className="button" href={conversationHref(session, { agent: target.slice(0, -".chat".length) })}>
              Conversation
            </Link>
          )}
          <Link className="button" href={`/sessions/${encodeURIComponent(session)}`}>
            Session
          </Link>
          <Link className="button" href={`/chat/${encodeURIComponent(target)}`}>
            New talk
          </Link>
        </span>
      </header>
      {read.value === undefined && read.fault === undefined && session === "" ? null : (
        <ReadView
          read={{ ...read, value: read.value === undefined ? undefined : { field: read.value } }}
          what="The function"
        >
          {({ field }) =>
            field === "" ? (
              <Notice icon="sessions" title="One cannot talk to this function">
                Its input is more than one text: start it in its form.
              </Notice>
            ) : (
              <Talk key={session} target={target} session={session} field={field} />
            )
          }
        </ReadView>
      )}
    </div>
  );
}

interface TalkProps {
  readonly target: string;
  readonly session: string;
  /** The name of the text in the input. */
  readonly field: string;
}

function Talk({ target, session, field }: TalkProps) {
  const client = useClient();
  const [begun, setBegun] = useState<readonly string[]>([]);
  const read = useRead(
    useCallback(
      async (signal: AbortSignal) =>
        session === ""
          ? []
          : (await client.listPage({ target, sessionId: session, limit: MOST, signal })).items.toReversed(),
      [client, target, session],
    ),
  );
  const here = (row: ExecutionSummary) => row.target === target && row.session_id === session;
  // One that was begun elsewhere in the same session.
  useChanges((rows) => {
    const others = rows.filter(here).map((row) => row.execution_id);
    setBegun((before) => [...new Set([...before, ...others])]);
  });
  const listed = read.value?.map((row) => row.execution_id) ?? [];
  const ids = [...listed, ...begun.filter((id) => !listed.includes(id))].slice(-MOST);
  const newest = ids.at(-1);
  const list = useKeptAtEnd(newest);
  const onSent = (id: string) => setBegun((before) => (before.includes(id) ? before : [...before, id]));
  return (
    <>
      <ReadView read={read} what="The talk" rows={3}>
        {() =>
          ids.length === 0 ? (
            <Notice icon="sessions" title="Nothing was said yet">
              Each message is an execution of {target} in the session {session}.
            </Notice>
          ) : (
            <ol className="talk" aria-label="Talk" ref={list}>
              {ids.map((id) => (
                <Exchange key={id} id={id} field={field} />
              ))}
            </ol>
          )
        }
      </ReadView>
      <Writing target={target} session={session} field={field} onSent={onSent} />
    </>
  );
}

function Writing({ target, session, field, onSent }: TalkProps & { readonly onSent: (id: string) => void }) {
  const client = useClient();
  const { busy, fault, run } = useAct();
  const [text, setText] = useState("");
  const send = () =>
    run(async () => {
      const made = await client.executeAsync(target, { [field]: text.trim() }, { sessionId: session });
      setText("");
      onSent(made.execution_id);
    });
  return <Composer text={text} busy={busy} fault={fault} onChange={setText} onSend={send} />;
}
