/**
 * Who is looking: the client of this page, with a key where the deployment asks for one. The key is kept in the tab's session
 * storage and nowhere else; sockets go with tokens of ten minutes that the client asks for.
 */
import type { ReactNode } from "react";
import { createContext, useCallback, useContext, useMemo, useState } from "react";
import type { Client } from "../../client/client.ts";
import { createClient } from "../../client/client.ts";
import { ProblemError } from "../../client/transport/errors.ts";
import { capital } from "../parts/words.ts";
import { SignIn } from "./sign-in.tsx";

const STORED = "errand.key";

export interface Session {
  readonly client: Client;
  readonly keyed: boolean;
  readonly signOut: () => void;
  /** Told each error that a page meets: one that asks for a key leads to the sign-in. Returns a sentence for the page. */
  readonly heard: (error: unknown) => string;
}

const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession is called outside of SessionProvider");
  return session;
}

export const useClient = (): Client => useSession().client;

/** What a person reads of an error. It may begin with the name of a field, which stays as it is. */
function sentenceOf(error: unknown): string {
  const said = error instanceof ProblemError ? error.detail : error instanceof Error ? error.message : String(error);
  return said.replace(/^[a-z]+(?= )/, capital);
}

function newClient(key: string | undefined): Client {
  return createClient({ baseUrl: location.origin, ...(key === undefined ? {} : { key }) });
}

export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [key, setKey] = useState(() => sessionStorage.getItem(STORED) ?? undefined);
  const [refused, setRefused] = useState<string>();
  const client = useMemo(() => newClient(key), [key]);
  const signOut = useCallback(() => {
    sessionStorage.removeItem(STORED);
    setKey(undefined);
    setRefused("");
  }, []);
  const heard = useCallback((error: unknown) => {
    if (error instanceof ProblemError && error.status === 401) setRefused(error.detail);
    return sentenceOf(error);
  }, []);
  const signIn = useCallback(async (given: string) => {
    await newClient(given).listPage({ limit: 1 });
    sessionStorage.setItem(STORED, given);
    setKey(given);
    setRefused(undefined);
  }, []);
  const session = useMemo(() => ({ client, keyed: key !== undefined, signOut, heard }), [client, key, signOut, heard]);
  if (refused !== undefined) return <SignIn said={key === undefined ? "" : refused} onSignIn={signIn} />;
  return <SessionContext value={session}>{children}</SessionContext>;
}
