/** Follows one execution while its page is open: frames into its log, and the body anew when its status has moved. */
import { useCallback } from "react";
import { isTerminal } from "../../domain/execution/status.ts";
import { ExecutionLog } from "../execution/execution-log.ts";
import { useClient } from "../session/session.tsx";
import type { Followed, Following } from "./following.ts";
import { useFollowing } from "./use-following.ts";

export type FollowedExecution = Followed<ExecutionLog, "ended">;

const newLog = () => new ExecutionLog();

export function useExecution(id: string): FollowedExecution {
  const client = useClient();
  const follow = useCallback(
    async ({ log, signal, changed }: Following<ExecutionLog, "ended">) => {
      const look = async () => {
        log.takeBody(await client.get(id, { signal }));
        changed();
      };
      const onConnected = (connected: boolean) => changed(connected ? "live" : "lost");
      for await (const frame of client.stream(id, { signal, onConnected })) {
        if (log.take(frame)) look().catch(() => {});
        changed();
      }
      changed("ended");
      if (log.body === undefined || !isTerminal(log.body.status) || log.body.seq < log.lastSeq) await look();
    },
    [client, id],
  );
  return useFollowing(newLog, follow);
}
