/**
 * Sends a mail by SMTP, once: what is in the log is not sent again. With `await_response` the subtask waits for the reply, which
 * comes in by the webhook; a mail that bounces blocks it.
 */
import { PassThrough } from "node:stream";
import { createTransport } from "nodemailer";
import * as z from "zod";
import type { Action, Output, Settlement, Waiting } from "../../../agent/index.ts";
import { ActionError, Blocked, waitFor } from "../../../agent/index.ts";
import type { Mail, MailLog } from "../mail-log.ts";

const Addresses = z.array(z.email()).max(50).default([]);
const EmailParams = z.object({
  to: z.email(),
  cc: Addresses,
  bcc: Addresses,
  subject: z.string().min(1).max(500),
  body: z.string().min(1).max(100_000),
  await_response: z.boolean().default(false),
});
type EmailParams = z.infer<typeof EmailParams>;

export interface Mailbox {
  /** `smtp://user:password@host:587`; without one no mail is sent. */
  readonly smtpUrl: string | undefined;
  readonly from: string;
}

export function sendEmail(mailbox: Mailbox, log: MailLog): Action<typeof EmailParams> {
  return {
    input: EmailParams,
    run: async (params, { idempotencyKey }) => {
      const last = lastTo(log, idempotencyKey, params.to);
      const mail = last?.sent && !last.bounce ? last : await sentNow(params, { key: idempotencyKey, mailbox, log });
      return outputOf(mail, params);
    },
    checkOutcome: async (params, { idempotencyKey }) => {
      if (log.isUnclear(idempotencyKey)) return undefined;
      const last = lastTo(log, idempotencyKey, params.to);
      if (!last || last.refused !== undefined) return { happened: false };
      // An intent without an end: the server may have taken it.
      if (!last.sent) return undefined;
      return last.bounce ? undefined : { happened: true, output: outputOf(last, params) };
    },
  };
}

function lastTo(log: MailLog, key: string, to: string): Mail | undefined {
  return log.of(key).findLast((mail) => mail.to === to);
}

async function sentNow(
  { to, cc, bcc, subject, body: text }: EmailParams,
  { key, mailbox, log }: { readonly key: string; readonly mailbox: Mailbox; readonly log: MailLog },
): Promise<Mail> {
  const { smtpUrl, from } = mailbox;
  if (smtpUrl === undefined)
    throw new Blocked("No mail server is configured: SMTP_URL is not set.", {
      suggestions: ["Set SMTP_URL and retry"],
    });
  const id = await log.intend(key, to);
  const transport = createTransport({ url: smtpUrl, connectionTimeout: 20_000, greetingTimeout: 20_000 });
  // The text is asked for when the server is reached: before that nothing went out.
  let isAsked = false;
  transport.use("stream", ({ message }, done) => {
    message.transform(() => {
      isAsked = true;
      return new PassThrough();
    });
    done();
  });
  let refused: readonly SmtpError[] = [];
  try {
    const told = await transport.sendMail({ from, to, cc, bcc, subject, text, messageId: `<${id}>` });
    refused = told.rejectedErrors ?? [];
  } catch (error) {
    throw await failure(error as SmtpError, { id, to, log, isAsked });
  } finally {
    transport.close();
  }
  await log.sent(id, from);
  // It went out to those in copy, and not to whom it is for.
  const own = refused.find(({ recipient }) => recipient === to);
  if (own) await log.bounced(id, own.message);
  return log.mail(id) ?? { id, key, to };
}

interface SmtpError extends Error {
  /** What the server answered, where it did. */
  readonly responseCode?: number | undefined;
  /** The address that it refused. */
  readonly recipient?: string | undefined;
}

/** What the server refuses did not go out. A line that breaks leaves a doubt, and in the log the intent without an end. */
async function failure(
  error: SmtpError,
  {
    id,
    to,
    log,
    isAsked,
  }: { readonly id: string; readonly to: string; readonly log: MailLog; readonly isAsked: boolean },
): Promise<Error> {
  const { responseCode = 0, message } = error;
  if (isAsked && responseCode < 400)
    return new Blocked("It is not known whether the mail went out: the mail server's answer was lost.", {
      type: "in_doubt",
      suggestions: ["Look into the mailbox, then retry or complete by hand"],
      cause: error,
    });
  await log.refused(id, message);
  if (responseCode >= 500) return bounceOf(to, message);
  return new ActionError(`The mail server did not take the mail: ${message}`, { type: "smtp_error", cause: error });
}

function bounceOf(to: string, why: string): Blocked {
  return new Blocked(`The mail to ${to} bounced: ${why}`, {
    suggestions: ["Try an alternative email address", "Call by phone", "Find another way to reach the person"],
  });
}

/**
 * What a mail that came in makes of the subtask that waits; `undefined`: nothing. A bounce counts for the newest mail alone: the
 * one after it went to another address.
 */
export function settlementOf(log: MailLog, id: string): Settlement | undefined {
  const mail = log.mail(id);
  if (mail?.bounce && log.of(mail.key).at(-1)?.id === id) return { error: bounceOf(mail.to, mail.bounce.why) };
  if (!mail?.reply) return undefined;
  return { output: emailOutput(mail), message: "Email sent and response received. Ready for next step." };
}

/** The columns of a mail that was sent, and of its reply once there is one. */
function outputOf(mail: Mail, { await_response }: EmailParams): Output | Waiting {
  if (mail.bounce) throw bounceOf(mail.to, mail.bounce.why);
  if (mail.reply || !await_response) return emailOutput(mail);
  return waitFor("Email sent. Waiting for the response.", { message_id: mail.id });
}

function emailOutput({ to, sent, reply, id }: Mail): Output {
  return {
    email_sent_to: to,
    email_timestamp: sent?.at ?? null,
    mailbox_used: sent?.mailbox ?? null,
    message_id: id,
    recipient_response_received: reply !== undefined,
    response_excerpt: reply?.excerpt ?? null,
    response_timestamp: reply?.at ?? null,
  };
}
