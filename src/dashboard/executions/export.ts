/**
 * A list that is longer than one answer, as one text. Pure but for what `pages` reads.
 *
 * - The last record of an answer that ended before its list did holds nothing but the cursor of the next: it is taken out, and
 *   the header of each further answer too.
 */
import * as z from "zod";

interface Exported {
  readonly format: "csv" | "jsonl";
  /** One answer, from this cursor on. */
  readonly pages: (cursor: string | undefined) => AsyncIterable<string>;
  /** Called after each answer with the records so far. */
  readonly onPage: (records: number) => void;
}

/** Characters of a file that a page holds in memory. */
const MOST_CHARACTERS = 64 * 1_024 * 1_024;

export interface Joined {
  readonly text: string;
  readonly records: number;
  /** False: it ended at the most that a page holds. */
  readonly isWhole: boolean;
}

export async function joinedExport({ format, pages, onPage }: Exported): Promise<Joined> {
  let [text, records] = ["", 0];
  let cursor: string | undefined;
  do {
    let answer = "";
    for await (const piece of pages(cursor)) answer += piece;
    const read = format === "csv" ? csvAnswer(answer) : linesAnswer(answer);
    text += text === "" ? read.head + read.body : read.body;
    records += read.records;
    cursor = read.cursor;
    onPage(records);
  } while (cursor !== undefined && text.length < MOST_CHARACTERS);
  return { text, records, isWhole: cursor === undefined };
}

interface Answer {
  readonly head: string;
  readonly body: string;
  readonly records: number;
  readonly cursor: string | undefined;
}

const NextLine = z.strictObject({ next_cursor: z.string() });

function linesAnswer(answer: string): Answer {
  const lines = answer.split("\n").filter((line) => line !== "");
  const last = NextLine.safeParse(parsed(lines.at(-1)));
  const kept = last.success ? lines.slice(0, -1) : lines;
  return {
    head: "",
    body: kept.map((line) => `${line}\n`).join(""),
    records: kept.length,
    cursor: last.success ? last.data.next_cursor : undefined,
  };
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? "null");
  } catch {
    return undefined;
  }
}

function csvAnswer(answer: string): Answer {
  const [head = "", ...records] = csvRecords(answer);
  const columns = head.trimEnd().split(",").length;
  const last = records.at(-1)?.trimEnd() ?? "";
  const empty = ",".repeat(columns - 1);
  const isCursor = last.length > empty.length && last.startsWith(empty);
  const kept = isCursor ? records.slice(0, -1) : records;
  return {
    head,
    body: kept.join(""),
    records: kept.length,
    cursor: isCursor ? last.slice(empty.length).replaceAll('"', "") : undefined,
  };
}

/** Each with its line end; one within quotes ends no record. */
function csvRecords(text: string): string[] {
  const records: string[] = [];
  let [start, quoted] = [0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    if (character !== "\n" || quoted) continue;
    records.push(text.slice(start, at + 1));
    start = at + 1;
  }
  return start < text.length ? [...records, text.slice(start)] : records;
}
