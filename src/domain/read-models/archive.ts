/**
 * The form of an archived log: JSON lines, written and read in pieces, so that a log of any size passes through little memory.
 *
 *     {"archive":2,"tenant":"t","execution":"exec_…"}     what it is
 *     "12:k.abc…"                                          heads of the chain for the events that follow
 *     {"seq":11,…}                                         the events of one row of the log, exactly as they were appended
 *     {"result":…}                                         before the row with the end, where the result lay apart
 *     {"end":12,"head":"k.abc…","closed":"k.def…"}         the last event's head, and the head that closes the archive
 *
 * - A reader who has the keys finds each change, gap, move and cut (`chain.ts`).
 */
import * as z from "zod";
import type { ChainedRow, KnownHead, NextHead } from "../execution/chain.ts";
import { ChainWalk, closingText, isNextHead, marksText, parseMarks } from "../execution/chain.ts";
import type { Event } from "../execution/event.ts";
import { parseEvent } from "../execution/event-text.ts";
import type { Json } from "../values/json.ts";

const FORM = 2;
interface Named {
  readonly tenant: string;
  readonly id: string;
}

export function beginLine({ tenant, id }: Named): string {
  return `${JSON.stringify({ archive: FORM, tenant, execution: id })}\n`;
}

export function rowLines({ marks, texts }: Pick<ChainedRow, "marks" | "texts">): string {
  return `${JSON.stringify(marksText(marks))}\n${texts.join("\n")}\n`;
}

/** `json`: the result as it was stored. */
export function resultLine(json: string): string {
  return `${RESULT}${json}}\n`;
}

export function endLine(end: z.infer<typeof End>): string {
  return `${JSON.stringify(end)}\n`;
}

const RESULT = '{"result":';
const END = '{"end":';
const Begin = z.object({ archive: z.literal(FORM), tenant: z.string(), execution: z.string() });
const End = z.object({ end: z.number().int(), head: z.string(), closed: z.string() });

/** What an archive is checked with. */
export interface ArchiveCheck extends Named {
  /** Makes the heads of this execution's chain. */
  readonly next: NextHead;
  /** The last head, where the index or the archive's object says it. */
  readonly head?: string | undefined;
  readonly digest: (text: string) => string;
}

/** An archive that is not what was written. */
export class ArchiveDamaged extends Error {}

/** The events of an archive, each checked before it is handed out. Throws `ArchiveDamaged`. */
export async function* archivedEvents(pieces: AsyncIterable<string>, check: ArchiveCheck): AsyncGenerator<Event> {
  const known: KnownHead | undefined = check.head === undefined ? undefined : { head: check.head };
  const walk = new ChainWalk(check.next, known);
  let row: { marks: string; texts: string[] } | undefined;
  let result: string | undefined;
  let [hasBegun, hasEnded] = [false, false];
  const taken = function* taken(): Generator<Event> {
    if (!row) return;
    const { marks, texts } = row;
    row = undefined;
    const wrong = walk.take({ texts, firstSeq: walk.seq + 1, marks: parseMarks(marks) });
    if (wrong) throw new ArchiveDamaged(wrong.detail);
    for (const [at, text] of texts.entries()) {
      const event = parseEvent(jsonOf(text), walk.seq - texts.length + 1 + at);
      yield withResult(event, result, check);
    }
    result = undefined;
  };
  for await (const line of linesOf(pieces)) {
    if (hasEnded) throw new ArchiveDamaged("something follows its end");
    if (!hasBegun) {
      beginsAs(line, check);
      hasBegun = true;
    } else if (line.startsWith('"')) {
      yield* taken();
      row = { marks: String(jsonOf(line)), texts: [] };
    } else if (line.startsWith(RESULT)) {
      yield* taken();
      result = line;
    } else if (line.startsWith(END)) {
      yield* taken();
      closes(line, walk, check);
      hasEnded = true;
    } else if (row) row.texts.push(line);
    else throw new ArchiveDamaged("an event stands outside of a row");
  }
  if (!hasEnded) throw new ArchiveDamaged("it was cut off: its end is missing");
}

function beginsAs(line: string, { tenant, id }: Named): void {
  const begin = Begin.safeParse(jsonOf(line));
  if (!begin.success) throw new ArchiveDamaged("it does not begin as an archive does");
  if (begin.data.tenant !== tenant || begin.data.execution !== id)
    throw new ArchiveDamaged(`it is the archive of ${begin.data.execution}`);
}

function closes(line: string, walk: ChainWalk, { next }: ArchiveCheck): void {
  const end = End.safeParse(jsonOf(line));
  if (!end.success) throw new ArchiveDamaged("its end cannot be read");
  const verdict = walk.end();
  if (!verdict.ok) throw new ArchiveDamaged(verdict.detail);
  const isLast = end.data.end === walk.seq && end.data.head === walk.head;
  if (!isLast || !isNextHead(end.data.closed, { before: walk.head, text: closingText(walk.seq) }, next))
    throw new ArchiveDamaged("events are missing before its end");
}

/** The event of the end says how long its result is and what its digest is, where it lay apart. */
function withResult(event: Event, line: string | undefined, { digest }: ArchiveCheck): Event {
  if (event.type !== "execution.succeeded" || !event.data.stored || line === undefined) return event;
  const json = line.slice(RESULT.length, -1);
  if (digest(json) !== event.data.stored.digest)
    throw new ArchiveDamaged("its result is not the one that the execution ended with");
  return { ...event, data: { ...event.data, output: jsonOf(json) as Json } };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new ArchiveDamaged("a line of it is not JSON");
  }
}

async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let parts: string[] = [];
  for await (const piece of pieces) {
    const [first = "", ...others] = piece.split("\n");
    parts.push(first);
    for (const other of others) {
      yield parts.join("");
      parts = [other];
    }
  }
  const rest = parts.join("");
  if (rest !== "") yield rest;
}
