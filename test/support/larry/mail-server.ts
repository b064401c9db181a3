/** A real SMTP server on this machine: it takes mails, refuses some addresses, and can break the line after it took one. */
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly messageId: string;
  readonly mime: string;
}

export interface MailServer {
  readonly url: string;
  readonly mails: ReceivedMail[];
  /** Takes the next mail and tells nothing: the line breaks. */
  breakNext: boolean;
  close(): Promise<void>;
}

/** Addresses that begin so are refused when they are named. */
const REFUSED = "nobody@";

export async function startMailServer(): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onRcptTo: ({ address }, _session, done) => {
      const error = Object.assign(new Error("no such mailbox"), { responseCode: 550 });
      done(address.startsWith(REFUSED) ? error : undefined);
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const mime = Buffer.concat(chunks).toString();
        const messageId = /^Message-ID:\s*<(.+)>/im.exec(mime)?.[1] ?? "";
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), messageId, mime });
        if (!made.breakNext) return done();
        made.breakNext = false;
        for (const connection of server.connections) connection.close();
      });
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  const made: MailServer = {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    breakNext: false,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return made;
}

/** A reply to a mail, as a mail program writes it. */
export function replyTo({ messageId, to }: ReceivedMail, text: string): string {
  return [
    `From: Carol <${to[0]}>`,
    "To: Larry <larry@larry.example>",
    "Subject: Re: Discovery Interview Request",
    `Message-ID: <answer-${crypto.randomUUID()}@farm.example>`,
    `In-Reply-To: <${messageId}>`,
    `References: <${messageId}>`,
    "Content-Type: text/plain; charset=utf-8",
    "",
    text,
    "",
    "On Wed, Feb 11, 2026 Larry wrote:",
    "> Hi Carol, may I ask you?",
    "",
  ].join("\r\n");
}

/** The report of a mail server (RFC 3464) that a mail came back. */
export function bounceOf({ messageId, to }: ReceivedMail, action = "failed"): string {
  return [
    "From: Mail Delivery System <MAILER-DAEMON@mx.example>",
    "To: larry@larry.example",
    "Subject: Undelivered Mail Returned to Sender",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
    "MIME-Version: 1.0",
    "",
    "--b1",
    "Content-Type: text/plain",
    "",
    "I'm sorry to have to inform you that your message could not be delivered.",
    "--b1",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.example",
    "",
    `Final-Recipient: rfc822; ${to[0]}`,
    `Action: ${action}`,
    "Status: 5.1.1",
    "Diagnostic-Code: smtp; 550 5.1.1 user unknown",
    "--b1",
    "Content-Type: message/rfc822",
    "",
    "From: larry@larry.example",
    `To: ${to[0]}`,
    `Message-ID: <${messageId}>`,
    "Subject: Discovery Interview Request",
    "",
    "Hi Carol",
    "--b1--",
    "",
  ].join("\r\n");
}
