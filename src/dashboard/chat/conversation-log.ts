/**
 * A conversation as its page knows it: what was said and answered, what is being written, what waits for a person. Grows with the
 * frames of its socket; what comes twice changes nothing.
 */
import type { ChatFrame } from "../../client/stream/chats.ts";
import type { ThreadSummary } from "../../client/threads.ts";

export interface Said {
  readonly key: string;
  readonly role: "user" | "assistant" | "failed";
  readonly text: string;
  readonly executionId: string;
  /** Who answers; absent where that is the agent of the conversation. */
  readonly agent?: string;
}

export interface Written {
  readonly key: string;
  readonly executionId: string;
  readonly agent: string;
  readonly text: string;
}

export interface Asked {
  readonly id: string;
  readonly agent: string;
}

type Snapshot = Extract<ChatFrame, { type: "snapshot" }>;
type Delta = Extract<ChatFrame, { type: "delta" }>;
type Refused = Extract<ChatFrame, { type: "refused" }>;

export class ConversationLog {
  readonly #said = new Map<string, Said>();
  readonly #written = new Map<string, Written & { readonly attempt: number }>();
  readonly #asked = new Map<string, Asked>();
  /** Of what was said before the messages that are shown. */
  summary: string | undefined;
  /** Why the newest message was not taken. */
  refusal: Pick<Refused, "code" | "message"> | undefined;
  /** The first frame has come. */
  isThere = false;

  get said(): readonly Said[] {
    return [...this.#said.values()];
  }

  get written(): readonly Written[] {
    return [...this.#written.values()].filter(({ text }) => text !== "");
  }

  get asked(): readonly Asked[] {
    return [...this.#asked.values()];
  }

  /** How many messages have no answer yet. */
  get open(): number {
    const answered = new Set(this.said.flatMap(({ role, executionId }) => (role === "user" ? [] : [executionId])));
    return this.said.filter(({ role, executionId }) => role === "user" && !answered.has(executionId)).length;
  }

  take(frame: ChatFrame): void {
    switch (frame.type) {
      case "snapshot":
        return this.#begin(frame);
      case "message":
        this.refusal = undefined;
        return this.#add({ role: "user", text: frame.text, executionId: frame.execution_id });
      case "answer":
        this.#over(frame.execution_id);
        return this.#add({
          ...{ role: "assistant", executionId: frame.execution_id, agent: frame.agent },
          text: frame.cut ? `${frame.text}…` : frame.text,
        });
      case "failed":
        this.#over(frame.execution_id);
        return this.#add({ role: "failed", text: frame.message ?? frame.status, executionId: frame.execution_id });
      case "approval":
        this.#asked.set(frame.approval_request_id, { id: frame.approval_request_id, agent: frame.agent });
        return undefined;
      case "approval_ended":
        this.#asked.delete(frame.approval_request_id);
        return undefined;
      case "forgotten":
        return this.#forget();
      case "delta":
        return this.#write(frame);
      case "taken":
        return undefined;
      case "refused":
        this.refusal = { code: frame.code, message: frame.message };
        return undefined;
    }
  }

  /** After a lost connection the thread is absent: what is known stays. */
  #begin({ thread, open, approvals, turns_in_flight: turns }: Snapshot): void {
    this.isThere = true;
    if (thread) this.summary = thread.summary ?? undefined;
    for (const { role, text, execution_id: executionId } of thread?.items ?? []) this.#add({ role, text, executionId });
    for (const { text, execution_id: executionId } of open) this.#add({ role: "user", text, executionId });
    this.#asked.clear();
    for (const { approval_request_id: id, agent } of approvals) this.#asked.set(id, { id, agent });
    this.#written.clear();
    for (const { execution_id: executionId, agent, turn, try: attempt, text } of turns)
      this.#written.set(`${executionId} ${turn}`, { key: `${executionId} ${turn}`, executionId, agent, text, attempt });
  }

  /** One of each role answers or asks in an execution. */
  #add(said: Omit<Said, "key">): void {
    const key = `${said.role} ${said.executionId}`;
    if (!this.#said.has(key)) this.#said.set(key, { ...said, key });
  }

  #write({ execution_id: executionId, agent, turn, try: attempt, offset, text }: Delta): void {
    const key = `${executionId} ${turn}`;
    const known = this.#written.get(key);
    if (known && attempt < known.attempt) return;
    const before = known?.attempt === attempt ? known.text : "";
    // Something before it is missing: the answer brings all of it.
    if (offset > before.length) return;
    const whole = before.length >= offset + text.length ? before : before.slice(0, offset) + text;
    this.#written.set(key, { key, executionId, agent, text: whole, attempt });
  }

  #over(executionId: string): void {
    for (const [key, written] of this.#written) if (written.executionId === executionId) this.#written.delete(key);
  }

  #forget(): void {
    this.#said.clear();
    this.summary = undefined;
  }
}

/** Where the conversation of this agent in a session is shown. */
export function conversationHref(session: string, { agent }: Pick<ThreadSummary, "agent">): string {
  return `/sessions/${encodeURIComponent(session)}/${encodeURIComponent(agent)}`;
}
