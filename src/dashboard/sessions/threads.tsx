/** What agents remember of a session: a line for each conversation, which leads to it. */
import { useCallback } from "react";
import { Link } from "wouter";
import type { Client } from "../../client/client.ts";
import type { ThreadSummary } from "../../client/threads.ts";
import { conversationHref } from "../chat/conversation-log.ts";
import { useNow } from "../live/now.ts";
import { Fault } from "../parts/fault.tsx";
import { ifFound } from "../parts/if-found.ts";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { upTo } from "../parts/up-to.ts";
import { useRead, useReloadOnChange } from "../parts/use-read.ts";
import { Ago } from "../parts/when.tsx";
import { count } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";

const MOST = 100;
const AGAIN_MS = 1_000;

/** A session of which nothing is remembered is not found. */
async function threadsOf(client: Client, session: string, signal: AbortSignal) {
  const found = await ifFound(upTo(MOST, client.threads.list(session, { signal })));
  return found ?? { items: [], more: false };
}

export function Threads({ session }: { readonly session: string }) {
  const client = useClient();
  const now = useNow(10_000);
  const { value, fault, reload } = useRead(
    useCallback((signal: AbortSignal) => threadsOf(client, session, signal), [client, session]),
  );
  useReloadOnChange(reload, AGAIN_MS, (row) => row.session_id === session);
  if (value === undefined) return <Fault said={fault} />;
  if (value.items.length === 0) return null;
  const columns: readonly Column<ThreadSummary>[] = [
    {
      title: "Conversation with",
      cell: (thread) => <Link href={conversationHref(session, thread)}>{thread.agent}</Link>,
    },
    { title: "Messages", number: true, cell: ({ messages }) => count(messages) },
    { title: "Begun", number: true, cell: ({ started_at: at }) => <Ago at={at} now={now} /> },
    { title: "Newest", number: true, cell: ({ updated_at: at }) => <Ago at={at} now={now} /> },
  ];
  return <Table label="Conversations" columns={columns} rows={value.items} keyOf={({ agent }) => agent} />;
}
