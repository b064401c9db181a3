/**
 * Frames as they go over a socket. Each is made into JSON once, however many readers it has; what is done for each kind of
 * reader only joins texts.
 */
import type { Frame } from "./frames.ts";

/** Of an event's frame only the event is here: it goes out alone, or in one text with others. */
export interface OutgoingFrame {
  readonly type: Frame["type"] | "memory_change";
  readonly json: string;
}

/** What a reader takes: a text for each frame, or one for the events that follow each other. */
export type Form = "plain" | "batched";

/** In UTF-16 units. Well below what a check asks about, so that a batch is never a reader's whole room. */
const BATCH_SIZE = 64 * 1024;

export function outgoing(frame: Frame): OutgoingFrame {
  return { type: frame.type, json: JSON.stringify(frame.type === "event" ? frame.event : frame) };
}

export function textsOf(frames: readonly OutgoingFrame[], form: Form): string[] {
  return form === "plain" ? frames.map(plainText) : [...bySize(frames)].flatMap(batchedTexts);
}

/** A long row of frames in parts, of which only the last event is beyond a batch's size. */
export function* bySize(frames: Iterable<OutgoingFrame>): Generator<OutgoingFrame[]> {
  let part: OutgoingFrame[] = [];
  let size = 0;
  for (const frame of frames) {
    part.push(frame);
    size += frame.json.length;
    if (size < BATCH_SIZE) continue;
    yield part;
    part = [];
    size = 0;
  }
  if (part.length > 0) yield part;
}

function batchedTexts(frames: readonly OutgoingFrame[]): string[] {
  const texts: string[] = [];
  let row: OutgoingFrame[] = [];
  for (const frame of frames) {
    if (frame.type === "event") {
      row.push(frame);
      continue;
    }
    texts.push(...rowText(row), plainText(frame));
    row = [];
  }
  return [...texts, ...rowText(row)];
}

/** One event alone stays the frame that it is. */
function rowText(events: readonly OutgoingFrame[]): string[] {
  if (events.length < 2) return events.map(plainText);
  return [`{"type":"events","events":[${events.map(({ json }) => json).join(",")}]}`];
}

function plainText({ type, json }: OutgoingFrame): string {
  return type === "event" ? `{"type":"event","event":${json}}` : json;
}
