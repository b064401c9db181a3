/** What waits for a person, for the page of approvals and for the count beside its name: read anew when an execution moves. */
import type { ReactNode } from "react";
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { Approval } from "../../client/directory.ts";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { useSession } from "../session/session.tsx";
import { usePendingInTitle } from "../shell/title.ts";
import { useChanges, useFeed } from "./feed.tsx";

export interface InboxState {
  /** Undefined until it was read once. */
  readonly items: readonly Approval[] | undefined;
  /** More of them than were read. */
  readonly more: boolean;
  readonly fault: string | undefined;
  readonly reload: () => void;
}

const InboxContext = createContext<InboxState | undefined>(undefined);
const MOST = 100;
/** Several executions often move together. */
const SOON_MS = 150;

export function InboxProvider({ children }: { readonly children: ReactNode }) {
  const { client, heard } = useSession();
  const { connection } = useFeed();
  const [state, setState] = useState<Omit<InboxState, "reload">>({ items: undefined, more: false, fault: undefined });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const load = useCallback(async () => {
    try {
      const page = await client.directory.approvals({ status: "pending", limit: MOST });
      setState({ items: page.items, more: page.next_cursor !== null, fault: undefined });
    } catch (error) {
      const fault = heard(error);
      setState((before) => ({ ...before, fault }));
    }
  }, [client, heard]);
  const reload = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(load, SOON_MS);
  }, [load]);
  useEffect(() => {
    if (connection !== "lost") load().catch(() => {});
  }, [load, connection]);
  const open = useMemo(() => new Set(state.items?.map((item) => item.execution_id)), [state.items]);
  useChanges((rows) => {
    if (rows.some((row) => concernsPeople(row) || open.has(row.execution_id))) reload();
  });
  usePendingInTitle(state.items?.length ?? 0);
  const value = useMemo(() => ({ ...state, reload }), [state, reload]);
  return <InboxContext value={value}>{children}</InboxContext>;
}

function concernsPeople({ status }: ExecutionSummary): boolean {
  return status === "waiting" || status === "blocked" || status === "paused";
}

export function useInbox(): InboxState {
  const inbox = useContext(InboxContext);
  if (!inbox) throw new Error("useInbox is called outside of InboxProvider");
  return inbox;
}
