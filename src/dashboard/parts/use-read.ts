/** What a page reads of the server when it opens, again when the connection has come back, and when it is asked to. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { ExecutionSummary } from "../../client/options.ts";
import { useChanges, useFeed } from "../live/feed.tsx";
import { useSession } from "../session/session.tsx";

export interface Read<T> {
  /** Undefined until it was read once; the one before while it is read again. */
  readonly value: T | undefined;
  /** Why the last try was refused. */
  readonly fault: string | undefined;
  readonly reload: () => void;
}

/** `read` must be stable: what it depends on is what makes the page read anew. */
export function useRead<T>(read: (signal: AbortSignal) => Promise<T>): Read<T> {
  const { heard } = useSession();
  const { connection } = useFeed();
  const [state, setState] = useState<{ of?: unknown; value?: T; fault?: string }>({});
  const [asked, setAsked] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is what reads it again.
  useEffect(() => {
    if (connection === "lost") return undefined;
    const leaving = new AbortController();
    read(leaving.signal).then(
      (value) => {
        if (!leaving.signal.aborted) setState({ of: read, value });
      },
      (error: unknown) => {
        if (leaving.signal.aborted) return;
        const fault = heard(error);
        setState((before) => (before.of === read ? { ...before, fault } : { of: read, fault }));
      },
    );
    return () => leaving.abort();
  }, [read, heard, connection, asked]);
  const reload = useCallback(() => setAsked((times) => times + 1), []);
  const own = state.of === read;
  return { value: own ? state.value : undefined, fault: own ? state.fault : undefined, reload };
}

/** Calls `reload` at most once in `everyMs` while executions change of which `concerns` is true. */
export function useReloadOnChange(
  reload: () => void,
  everyMs: number,
  concerns: (row: ExecutionSummary) => boolean = () => true,
): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useChanges((rows) => {
    if (timer.current !== undefined || !rows.some(concerns)) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      reload();
    }, everyMs);
  });
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
}

/** All of a list that comes page by page, at most `most` of them. */
export async function upTo<T>(most: number, items: AsyncIterable<T>): Promise<{ items: T[]; more: boolean }> {
  const read: T[] = [];
  for await (const item of items) {
    if (read.length === most) return { items: read, more: true };
    read.push(item);
  }
  return { items: read, more: false };
}
