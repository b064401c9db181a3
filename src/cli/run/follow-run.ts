/** Waits for a run as a reader of its execution: shows what it does and what the model writes meanwhile, and stops where only a person can go on. */
import type { Client } from "../../client/client.ts";
import type { Execution } from "../../client/transport/options.ts";
import type { EventBody } from "../../contract/executions/event-body.ts";
import type { DeltaFrame } from "../../contract/stream/frames.ts";
import type { Session } from "../frame/command.ts";
import { waitsForPerson } from "../frame/waiting.ts";
import { JsonIndent } from "../output/json-indent.ts";
import type { LiveText } from "../output/live-text.ts";

interface Following extends Pick<Session, "say" | "live"> {
  readonly executionId: string;
  readonly signal: AbortSignal;
}

const RESTS = ["execution.waiting", "execution.blocked", "execution.paused"];

/** How it stands when it has ended, or waits for a person. */
export async function followRun(client: Client, following: Following): Promise<Execution<unknown>> {
  const { executionId, signal, say, live } = following;
  const plan = live && new LivePlan(live);
  for await (const frame of client.stream(executionId, { signal })) {
    if (frame.type === "delta") plan?.add(frame);
    if (frame.type !== "event") continue;
    const line = progressOf(frame.event);
    if (line !== undefined) say(line);
    plan?.take(frame.event);
    if (!RESTS.includes(frame.event.type)) continue;
    const execution = await client.get(executionId, { signal });
    if (waitsForPerson(execution)) return execution;
  }
  return client.get(executionId, { signal });
}

/** The plan of a turn while the model writes it. A reader that comes late has the text before it is told of the turn. */
class LivePlan {
  readonly #live: LiveText;
  #turn = "";
  #isTold = false;
  #early = "";
  #indent = new JsonIndent();

  constructor(live: LiveText) {
    this.#live = live;
  }

  add({ turn, try: attempt, text }: DeltaFrame): void {
    this.#begin(`${turn} ${attempt}`);
    if (this.#isTold) this.#live.add(this.#indent.add(text));
    else this.#early += text;
  }

  take({ type, data }: EventBody): void {
    if (type === "turn.started") {
      this.#begin(`${data.key} ${data.attempt}`);
      this.#isTold = true;
      this.#live.add(this.#indent.add(this.#early));
      this.#early = "";
    }
    if (type === "turn.completed" || type === "turn.failed") this.#begin("");
  }

  #begin(turn: string): void {
    if (turn === this.#turn) return;
    this.#live.close();
    this.#turn = turn;
    this.#isTold = false;
    this.#early = "";
    this.#indent = new JsonIndent();
  }
}

/** By type, and by kind where there are several. */
const WORDS = new Map([
  ["turn.started", "the model plans"],
  ["turn.failed", "the model did not answer"],
  ["step.started effect", "begins"],
  ["step.completed effect", "is done"],
  ["step.failed effect", "failed"],
  ["child.started", "begins"],
  ["child.finished", "has ended"],
]);

function progressOf({ type, at, data }: EventBody): string | undefined {
  const word = WORDS.get(type) ?? WORDS.get(`${type} ${data.kind}`);
  if (word === undefined) return undefined;
  const what = data.target ?? data.name;
  const named = type.startsWith("turn.") || typeof what !== "string" ? "" : `${what} `;
  return `${at.slice(11, 19)}  ${named}${word}`;
}
