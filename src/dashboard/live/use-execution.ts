/** Follows one execution while its page is open: frames into its log, and the body anew when its status has moved. */
import { useEffect, useRef, useState } from "react";
import { ProblemError } from "../../client/errors.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { ExecutionLog } from "../execution/execution-log.ts";
import { useSession } from "../session/session.tsx";
import type { Connection } from "./feed.tsx";

export interface Followed {
  readonly log: ExecutionLog;
  readonly connection: Connection | "ended";
  /** A refusal: there is nothing to follow. */
  readonly fault: { readonly status: number; readonly sentence: string } | undefined;
}

/** Tokens come every few milliseconds: a page is drawn at most this often. */
const DRAW_MS = 32;
/** Of the time between two draws a draw takes at most a third: a long log under many events leaves room for the reader. */
const ROOM = 3;
/** However long a draw took: the next one comes. */
const LONGEST_MS = 500;

export function useExecution(id: string): Followed {
  const { client, heard } = useSession();
  const [followed, setFollowed] = useState<Followed>(() => nothingYet());
  const drawn = useRef<ReturnType<typeof setTimeout>>(undefined);
  const cost = useRef({ beganMs: 0, ms: 0 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each drawn state is measured.
  useEffect(() => {
    const { beganMs } = cost.current;
    // What began no draw, as the first state, says nothing of its length.
    if (beganMs > 0) cost.current = { beganMs: 0, ms: performance.now() - beganMs };
  }, [followed]);
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const log = new ExecutionLog();
    let connection: Followed["connection"] = "connecting";
    let fault: Followed["fault"];
    setFollowed({ log, connection, fault });
    const draw = () => {
      drawn.current ??= setTimeout(
        () => {
          drawn.current = undefined;
          cost.current.beganMs = performance.now();
          if (!signal.aborted) setFollowed({ log, connection, fault });
        },
        Math.min(LONGEST_MS, Math.max(DRAW_MS, (ROOM - 1) * cost.current.ms)),
      );
    };
    const look = async () => {
      log.takeBody(await client.get(id, { signal }));
      draw();
    };
    const follow = async () => {
      const onConnected = (connected: boolean) => {
        connection = connected ? "live" : "lost";
        draw();
      };
      for await (const frame of client.stream(id, { signal, onConnected })) {
        if (log.take(frame)) look().catch(() => {});
        draw();
      }
      connection = "ended";
      if (log.body === undefined || !isTerminal(log.body.status) || log.body.seq < log.lastSeq) await look();
      draw();
    };
    follow().catch((error: unknown) => {
      if (signal.aborted) return;
      const status = error instanceof ProblemError ? error.status : 0;
      // A draw may be due already: it shows the refusal too.
      connection = "lost";
      fault = { status, sentence: heard(error) };
      draw();
    });
    return () => {
      leaving.abort();
      clearTimeout(drawn.current);
      drawn.current = undefined;
    };
  }, [client, heard, id]);
  return followed;
}

function nothingYet(): Followed {
  return { log: new ExecutionLog(), connection: "connecting", fault: undefined };
}
