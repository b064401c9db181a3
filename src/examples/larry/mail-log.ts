/**
 * What Larry knows of his mails, in order, one line each: an intent before the SMTP server is asked, and what became of it. The
 * Message-ID is the idempotency key of the subtask. Another mail of the same subtask (to another address, or because a person
 * had it sent again) has its number behind it.
 *
 * - An intent without an end is a mail that may have gone out, or not: it is never sent again by itself.
 * - What comes in is written down before it is answered, so that a reply is never lost between two processes.
 * - A line that cannot be read stays in the file and counts as a mail that may have gone out: of the subtask that it names, else of
 *   each subtask of which the log holds nothing.
 */
import * as z from "zod";
import type { Workspace } from "./workspace.ts";

const Line = z.discriminatedUnion("is", [
  z.object({ is: z.literal("intent"), id: z.string(), key: z.string(), to: z.string(), at: z.string() }),
  z.object({ is: z.literal("sent"), id: z.string(), at: z.string(), mailbox: z.string() }),
  z.object({ is: z.literal("refused"), id: z.string(), at: z.string(), why: z.string() }),
  z.object({ is: z.literal("reply"), id: z.string(), at: z.string(), from: z.string(), excerpt: z.string() }),
  z.object({ is: z.literal("bounce"), id: z.string(), at: z.string(), why: z.string() }),
]);
type Line = z.infer<typeof Line>;

export interface Mail {
  /** Its Message-ID, without the brackets. */
  readonly id: string;
  readonly key: string;
  readonly to: string;
  readonly sent?: { readonly at: string; readonly mailbox: string };
  /** The SMTP server did not take it: it did not go out. */
  readonly refused?: string;
  readonly reply?: { readonly at: string; readonly from: string; readonly excerpt: string };
  readonly bounce?: { readonly at: string; readonly why: string };
}

const PATH = "mail/log.jsonl";

/** A line may begin behind one that has no end. Within a text its quotes are escaped. */
const BEGINNING = /(?=\{"is":")/;

interface Whose {
  /** Behind the @ of each Message-ID. */
  readonly domain: string;
  /** Is told of each line that is left out. */
  readonly warn?: (message: string) => void;
}

export class MailLog {
  readonly #workspace: Workspace;
  readonly #domain: string;
  readonly #mails = new Map<string, Mail>();
  /** Lines that cannot be read, as they stand, without those of a subtask that sent another mail since. */
  #unread: string[] = [];
  /** Message-IDs of which only a later line is left. */
  readonly #strays = new Set<string>();
  #last: Promise<void> = Promise.resolve();

  private constructor(workspace: Workspace, domain: string) {
    this.#workspace = workspace;
    this.#domain = domain;
  }

  static async open(workspace: Workspace, { domain, warn = () => {} }: Whose): Promise<MailLog> {
    const log = new MailLog(workspace, domain);
    const text = (await workspace.read(PATH)) ?? "";
    for (const [at, whole] of text.split("\n").entries())
      for (const each of whole.split(BEGINNING)) {
        const line = lineOf(each);
        if (line) log.#apply(line);
        else if (each !== "") {
          log.#unread.push(each);
          warn(`${PATH}, line ${at + 1} cannot be read and is left out: ${sayOf(each)}`);
        }
      }
    return log;
  }

  /** Whether a line that cannot be read may tell of the newest mail of this subtask. */
  isUnclear(key: string): boolean {
    const isNew = this.of(key).length === 0;
    if (isNew && [...this.#strays].some((id) => this.#isOf(id, key))) return true;
    return this.#unread.some((line) => this.#names(line, key) ?? isNew);
  }

  #isOf(id: string, key: string): boolean {
    return id === `${nameOf(key)}@${this.#domain}` || id.startsWith(`${nameOf(key)}.`);
  }

  /** `undefined`: the line is so damaged that it names no subtask. */
  #names(line: string, key: string): boolean | undefined {
    const [id, own] = [textIn(line, "id"), textIn(line, "key")];
    if (own !== undefined) return own === key;
    return id === undefined ? undefined : this.#isOf(id, key);
  }

  /** Of one subtask, in the order in which they were sent. */
  of(key: string): readonly Mail[] {
    return [...this.#mails.values()].filter((mail) => mail.key === key);
  }

  /** Of all subtasks whose keys begin so. */
  replies(prefix: string): readonly string[] {
    return [...this.#mails.values()].flatMap(({ key, reply }) =>
      reply && key.startsWith(prefix) ? [reply.excerpt] : [],
    );
  }

  mail(id: string): Mail | undefined {
    return this.#mails.get(id);
  }

  /** On disk before the mail is given to the server. Returns its Message-ID. */
  async intend(key: string, to: string): Promise<string> {
    const id = this.#freshId(key);
    await this.#write({ is: "intent", id, key, to, at: now() });
    return id;
  }

  #freshId(key: string): string {
    for (let count = this.of(key).length + 1; ; count += 1) {
      const id = `${nameOf(key)}${count === 1 ? "" : `.${count}`}@${this.#domain}`;
      if (!this.#strays.has(id) && !this.#mails.has(id)) return id;
    }
  }

  sent(id: string, mailbox: string): Promise<void> {
    return this.#write({ is: "sent", id, at: now(), mailbox });
  }

  refused(id: string, why: string): Promise<void> {
    return this.#write({ is: "refused", id, at: now(), why });
  }

  replied(id: string, { from, excerpt }: { readonly from: string; readonly excerpt: string }): Promise<void> {
    return this.#write({ is: "reply", id, at: now(), from, excerpt });
  }

  bounced(id: string, why: string): Promise<void> {
    return this.#write({ is: "bounce", id, at: now(), why });
  }

  #write(line: Line): Promise<void> {
    this.#last = this.#last
      .catch(() => {})
      .then(async () => {
        await this.#workspace.append(PATH, JSON.stringify(line));
        this.#apply(line);
      });
    return this.#last;
  }

  #apply(line: Line): void {
    const { id, at } = line;
    if (line.is === "intent") {
      this.#mails.set(id, { id, key: line.key, to: line.to });
      this.#unread = this.#unread.filter((each) => this.#names(each, line.key) !== true);
      return;
    }
    const mail = this.#mails.get(id);
    if (!mail) {
      this.#strays.add(id);
      return;
    }
    this.#mails.set(id, { ...mail, ...changeOf(line, at) });
  }
}

function changeOf(line: Exclude<Line, { is: "intent" }>, at: string): Partial<Mail> {
  switch (line.is) {
    case "sent":
      return { sent: { at, mailbox: line.mailbox } };
    case "refused":
      return { refused: line.why };
    case "reply":
      return { reply: { at, from: line.from, excerpt: line.excerpt } };
    case "bounce":
      return { bounce: { at, why: line.why } };
  }
}

/** `undefined` of what a crash, a full disk or a damaged one left. */
function lineOf(text: string): Line | undefined {
  try {
    return Line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The whole text of a field in a line that is damaged elsewhere; `undefined` where it is not whole, or stands there twice. */
function textIn(line: string, field: "id" | "key"): string | undefined {
  const found = [...line.matchAll(new RegExp(`"${field}":("(?:[^"\\\\]|\\\\.)*")`, "g"))];
  const [only, another] = found;
  if (!only?.[1] || another) return undefined;
  try {
    return String(JSON.parse(only[1]));
  } catch {
    return undefined;
  }
}

const MOST_SAID = 200;

/** Control letters and the bytes of a hole in the file would break the line of the log that tells of them. */
function sayOf(line: string): string {
  return JSON.stringify(line.slice(0, MOST_SAID));
}

/** A key as the first part of a Message-ID. */
function nameOf(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9!#$&'*+/=?^_`{|}~.-]/g, (letter) => encodeURIComponent(letter));
}

const now = () => new Date().toISOString();
