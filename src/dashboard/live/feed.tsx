/** One socket for all lists of the page: rows as they change, and whether the connection stands. It comes back by itself. */
import type { ReactNode } from "react";
import { createContext, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { useSession } from "../session/session.tsx";
import type { Connection } from "./following.ts";

type Listener = (rows: readonly ExecutionSummary[]) => void;

interface Feed {
  readonly connection: Connection;
  readonly subscribe: (listener: Listener) => () => void;
}

const FeedContext = createContext<Feed | undefined>(undefined);
/** Rows that come within this time are handed on together. */
const GATHER_MS = 60;

export function FeedProvider({ children }: { readonly children: ReactNode }) {
  const { client, heard } = useSession();
  const [connection, setConnection] = useState<Connection>("connecting");
  const listeners = useRef(new Set<Listener>());
  useEffect(() => {
    const leaving = new AbortController();
    const gathered = gatherer((rows) => {
      for (const listener of listeners.current) listener(rows);
    });
    const follow = async () => {
      const onConnected = (connected: boolean) => setConnection(connected ? "live" : "lost");
      const options = { signal: leaving.signal, onConnected, after: Date.now() };
      for await (const { execution } of client.feed(options)) gathered(execution);
    };
    follow().catch((error: unknown) => {
      if (leaving.signal.aborted) return;
      heard(error);
      setConnection("lost");
    });
    return () => leaving.abort();
  }, [client, heard]);
  const feed = useMemo(() => {
    const subscribe = (listener: Listener) => {
      listeners.current.add(listener);
      return () => {
        listeners.current.delete(listener);
      };
    };
    return { connection, subscribe };
  }, [connection]);
  return <FeedContext value={feed}>{children}</FeedContext>;
}

function gatherer(hand: Listener): (row: ExecutionSummary) => void {
  let rows: ExecutionSummary[] = [];
  return (row) => {
    if (rows.length === 0)
      setTimeout(() => {
        const taken = rows;
        rows = [];
        hand(taken);
      }, GATHER_MS);
    rows.push(row);
  };
}

export function useFeed(): Feed {
  const feed = useContext(FeedContext);
  if (!feed) throw new Error("useFeed is called outside of FeedProvider");
  return feed;
}

/** Calls `listener` with rows that have changed. */
export function useChanges(listener: Listener): void {
  const { subscribe } = useFeed();
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => subscribe((rows) => latest.current(rows)), [subscribe]);
}
