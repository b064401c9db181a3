/**
 * What Larry knows of his mails, in order, one line each: an intent before the SMTP server is asked, and what became of it. The
 * Message-ID is the idempotency key of the subtask. Another mail of the same subtask (to another address, or because a person
 * had it sent again) has its number behind it.
 *
 * - An intent without an end is a mail that may have gone out, or not: it is never sent again by itself.
 * - What comes in is written down before it is answered, so that a reply is never lost between two processes.
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

export class MailLog {
  readonly #workspace: Workspace;
  readonly #domain: string;
  readonly #mails = new Map<string, Mail>();
  #last: Promise<void> = Promise.resolve();

  private constructor(workspace: Workspace, domain: string) {
    this.#workspace = workspace;
    this.#domain = domain;
  }

  /** `domain`: behind the @ of each Message-ID. */
  static async open(workspace: Workspace, domain: string): Promise<MailLog> {
    const log = new MailLog(workspace, domain);
    const lines = ((await workspace.read(PATH)) ?? "").split("\n");
    const whole = lines.slice(0, -1);
    for (const text of whole) log.#apply(Line.parse(JSON.parse(text)));
    // A crash in the middle of a line: what it says was not acted on.
    if (lines.at(-1) !== "") await workspace.write(PATH, whole.map((text) => `${text}\n`).join(""));
    return log;
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
    const count = this.of(key).length + 1;
    const name = key.replaceAll(/[^A-Za-z0-9!#$&'*+/=?^_`{|}~.-]/g, (letter) => encodeURIComponent(letter));
    const id = `${name}${count === 1 ? "" : `.${count}`}@${this.#domain}`;
    await this.#write({ is: "intent", id, key, to, at: now() });
    return id;
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
      return;
    }
    const mail = this.#mails.get(id);
    if (!mail) return;
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

const now = () => new Date().toISOString();
