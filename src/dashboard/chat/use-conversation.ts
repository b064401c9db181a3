/** Follows one conversation while its page is open, and says something in it. */
import { useCallback, useRef } from "react";
import type { Chat } from "../../client/stream/chats.ts";
import type { Followed, Following } from "../live/following.ts";
import { useFollowing } from "../live/use-following.ts";
import { useClient } from "../session/session.tsx";
import { ConversationLog } from "./conversation-log.ts";

export interface Conversation extends Followed<ConversationLog> {
  readonly send: (text: string) => void;
}

const newLog = () => new ConversationLog();

export function useConversation(session: string, agent: string): Conversation {
  const client = useClient();
  const chat = useRef<Chat>(undefined);
  const follow = useCallback(
    async ({ log, signal, changed }: Following<ConversationLog>) => {
      const onConnected = (connected: boolean) => changed(connected ? "live" : "lost");
      const opened = client.chat(session, agent, { signal, onConnected });
      chat.current = opened;
      for await (const frame of opened.frames()) {
        log.take(frame);
        changed();
      }
    },
    [client, session, agent],
  );
  const send = useCallback((text: string) => {
    chat.current?.send(text);
  }, []);
  return { ...useFollowing(newLog, follow), send };
}
