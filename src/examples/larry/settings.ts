/** How Larry is set up: by the environment. */
import * as z from "zod";

const Settings = z.object({
  /** Where Errand is. */
  LARRY_SERVER: z.url().default("http://localhost:8787"),
  /** Larry's own key, or a user's with which he registers. In open mode none is needed. */
  LARRY_KEY: z.string().min(1).optional(),
  LARRY_ID: z.string().min(1).default("agent_larry_001"),
  /** The folder in which he works. */
  LARRY_HOME: z.string().min(1).default(".errand/larry"),
  /** `smtp://user:password@host:587`; without it no mail is sent, and a person is told. */
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  LARRY_MAIL_FROM: z.email().default("larry@localhost.localdomain"),
  /** A file of places, as CSV with a head. */
  LARRY_PLACES: z.string().min(1).optional(),
  /** A service that makes calls: it is sent `{number, message, idempotency_key}`, signed. */
  LARRY_PHONE_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Signs what is sent to that service, and what comes in. Without it nothing comes in. */
  LARRY_WEBHOOK_SECRET: z.string().min(16).optional(),
  /** Where mails come in: POST /inbound-mail, on 127.0.0.1. 0: any free port. */
  LARRY_PORT: z.coerce.number().int().min(0).max(65_535).default(8_790),
  LARRY_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(3),
});
export type Settings = z.output<typeof Settings>;

/** Throws a sentence that names each variable that does not fit. */
export function settingsOf(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = Settings.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
}
