/**
 * The conversation of a session with an agent, live: what was said before this page was opened, what others say in it, what the agent
 * writes, what waits for a person. It can be forgotten.
 */
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { AskButton } from "../forms/ask-button.tsx";
import { Fault } from "../parts/fault.tsx";
import { Loading, Notice } from "../parts/notice.tsx";
import { useClient } from "../session/session.tsx";
import { useTitle } from "../shell/title.ts";
import { Composer } from "./composer.tsx";
import type { ConversationLog, Said } from "./conversation-log.ts";
import { useKeptAtEnd } from "./kept-at-end.ts";
import { useConversation } from "./use-conversation.ts";
import "../styles/chat.css";

interface Props {
  readonly session: string;
  readonly agent: string;
}

const LIVE = { connecting: "Connecting…", live: "Live", lost: "Reconnecting…" } as const;

export function ConversationPage({ session, agent }: Props) {
  const client = useClient();
  const [, navigate] = useLocation();
  const { log, connection, fault, send } = useConversation(session, agent);
  useTitle(`Conversation with ${agent}`);
  const sessionHref = `/sessions/${encodeURIComponent(session)}`;
  return (
    <div className="page chat-page">
      <nav className="crumb" aria-label="Where this is">
        <Link href="/sessions">Sessions</Link>
        <span aria-hidden="true">/</span>
        <Link href={sessionHref}>{session}</Link>
      </nav>
      <header className="page-head">
        <h1>{agent}</h1>
        <span className="head-end">
          <span className="live-mark" role="status" data-connection={connection}>
            {LIVE[connection]}
          </span>
          <AskButton
            button={{ className: "button danger", content: "Forget…" }}
            title="Forget this conversation"
            deed={{ words: "Forget it", busyWords: "Forgetting…" }}
            call={() => client.threads.forget(session, agent)}
            onDone={() => navigate(sessionHref)}
          >
            <p>
              The next message begins a new conversation: <b>{agent}</b> is told nothing of this one. The executions
              stay as long as they are kept.
            </p>
          </AskButton>
        </span>
      </header>
      {fault !== undefined ? (
        <Notice icon="alert" title="The conversation cannot be read" role="alert">
          {fault.sentence}
        </Notice>
      ) : log.isThere ? (
        <Talk log={log} agent={agent} />
      ) : (
        <Loading rows={4} label="The conversation is being loaded" />
      )}
      {fault === undefined && <Writing log={log} send={send} />}
    </div>
  );
}

function Talk({ log, agent }: { readonly log: ConversationLog; readonly agent: string }) {
  const { said, written, asked, summary, open } = log;
  const list = useKeptAtEnd(said.length);
  if (said.length === 0 && written.length === 0)
    return (
      <Notice icon="sessions" title="Nothing is remembered">
        What you say here is answered by {agent}, and remembered in this session.
      </Notice>
    );
  return (
    <>
      {summary !== undefined && (
        <details className="quiet">
          <summary>What was said before, summed up</summary>
          <p className="keep-lines">{summary}</p>
        </details>
      )}
      <ol className="talk" aria-label="Conversation" ref={list}>
        {said.map((one) => (
          <Line key={one.key} said={one} agent={agent} />
        ))}
        {written.map(({ key, agent: writer, text }) => (
          <li key={key} className="answered">
            {writer !== agent && <span className="quiet small">{writer}</span>}
            <p className="message-text">
              {text}
              <span className="caret" role="img" aria-label="being written" />
            </p>
          </li>
        ))}
      </ol>
      {asked.map(({ id, agent: asker }) => (
        <p key={id} role="status">
          {asker} asks a person. <Link href={`/approvals/${encodeURIComponent(id)}`}>Decide it</Link>
        </p>
      ))}
      {open > 0 && written.length === 0 && asked.length === 0 && (
        <p className="quiet" role="status">
          It is being answered.
        </p>
      )}
    </>
  );
}

function Line({ said, agent }: { readonly said: Said; readonly agent: string }) {
  const { role, text, executionId, agent: who = agent } = said;
  const execution = (
    <Link className="quiet small" href={`/executions/${encodeURIComponent(executionId)}`}>
      Execution
    </Link>
  );
  if (role === "user")
    return (
      <li className="exchange">
        <p className="said">{text}</p>
      </li>
    );
  return (
    <li className="answered">
      {who !== agent && <span className="quiet small">{who}</span>}
      <p className={role === "failed" ? "fault keep-lines" : "message-text"}>{text}</p>
      {execution}
    </li>
  );
}

function Writing({ log, send }: { readonly log: ConversationLog; readonly send: (text: string) => void }) {
  const [text, setText] = useState("");
  return (
    <>
      <Fault said={log.refusal?.message} />
      <Composer
        text={text}
        busy={!log.isThere}
        fault={undefined}
        onChange={setText}
        onSend={async () => {
          send(text.trim());
          setText("");
        }}
      />
    </>
  );
}
