/** Follows one conversation while its page is open, and says something in it. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Chat } from "../../client/chats.ts";
import type { Connection } from "../live/feed.tsx";
import { useSession } from "../session/session.tsx";
import { ConversationLog } from "./conversation-log.ts";

export interface Conversation {
  readonly log: ConversationLog;
  readonly connection: Connection;
  /** A refusal: there is nothing to follow. */
  readonly fault: string | undefined;
  readonly send: (text: string) => void;
}

/** Tokens come every few milliseconds: a page is drawn at most this often. */
const DRAW_MS = 40;

export function useConversation(session: string, agent: string): Conversation {
  const { client, heard } = useSession();
  const [state, setState] = useState<Omit<Conversation, "send">>(() => nothingYet());
  const chat = useRef<Chat>(undefined);
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const log = new ConversationLog();
    let connection: Connection = "connecting";
    let fault: Conversation["fault"];
    let drawing: ReturnType<typeof setTimeout> | undefined;
    setState({ log, connection, fault });
    const draw = () => {
      drawing ??= setTimeout(() => {
        drawing = undefined;
        if (!signal.aborted) setState({ log, connection, fault });
      }, DRAW_MS);
    };
    const onConnected = (connected: boolean) => {
      connection = connected ? "live" : "lost";
      draw();
    };
    chat.current = client.chat(session, agent, { signal, onConnected });
    const follow = async (frames: ReturnType<Chat["frames"]>) => {
      for await (const frame of frames) {
        log.take(frame);
        draw();
      }
    };
    follow(chat.current.frames()).catch((error: unknown) => {
      if (signal.aborted) return;
      // A draw may be due already: it shows the refusal too.
      connection = "lost";
      fault = heard(error);
      draw();
    });
    return () => {
      leaving.abort();
      clearTimeout(drawing);
    };
  }, [client, heard, session, agent]);
  const send = useCallback((text: string) => {
    chat.current?.send(text);
  }, []);
  return { ...state, send };
}

function nothingYet(): Omit<Conversation, "send"> {
  return { log: new ConversationLog(), connection: "connecting", fault: undefined };
}
