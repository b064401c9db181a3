/** Larry: an agent that polls, with the actions of a contractor who looks for customers, and an ear for mails that come in. */
import { join } from "node:path";
import type { LogLine, PollingAgent } from "../../agent/index.ts";
import { createPollingAgent, fileStore } from "../../agent/index.ts";
import { scheduleCalendarEvent } from "./actions/calendar.ts";
import { conductInterview, writeDocument } from "./actions/documents.ts";
import { analyzeFeedback } from "./actions/feedback.ts";
import { makePhoneCall } from "./actions/make-phone-call.ts";
import { manageCsv, searchPlaces } from "./actions/places.ts";
import { sendEmail, settlementOf } from "./actions/send-email.ts";
import type { InboundServer } from "./inbound-server.ts";
import { inboundServer } from "./inbound-server.ts";
import { logFile } from "./log-file.ts";
import { MailLog } from "./mail-log.ts";
import type { Settings } from "./settings.ts";
import { Workspace } from "./workspace.ts";

export interface Larry {
  readonly agent: PollingAgent;
  /** Where mails come in; `undefined` without a secret. */
  readonly inboundUrl: string | undefined;
  stop(): Promise<void>;
}

const PLACES = join(import.meta.dirname, "places.csv");

/** `hear` is told what he does, beside his log. */
export async function startLarry(settings: Settings, hear: (line: LogLine) => void = () => {}): Promise<Larry> {
  const { LARRY_WEBHOOK_SECRET: secret, LARRY_PORT: port, LARRY_HOME: home } = settings;
  const workspace = new Workspace(home);
  const write = logFile(workspace.home);
  const log = (line: LogLine) => {
    write(line);
    hear(line);
  };
  const domain = settings.LARRY_MAIL_FROM.split("@")[1] ?? "localhost";
  const mails = await MailLog.open(workspace, { domain, warn: (message) => log({ level: "warning", message }) });
  const agent = createPollingAgent({
    url: settings.LARRY_SERVER,
    ...(settings.LARRY_KEY === undefined ? {} : { key: settings.LARRY_KEY }),
    ...{ id: settings.LARRY_ID, name: "Larry", role: "Full-stack contractor" },
    actions: actionsOf(settings, { workspace, mails }),
    concurrency: settings.LARRY_CONCURRENCY,
    store: fileStore(join(workspace.home, "agent.json")),
    log,
  });
  const arrived = (id: string) => settle(agent, mails, id);
  const inbound: InboundServer | undefined =
    secret === undefined ? undefined : await inboundServer({ port, secret, log: mails, arrived });
  try {
    await agent.start();
  } catch (error) {
    await inbound?.close();
    throw error;
  }
  // What came in while no process was there, or before its subtask waited.
  for (const key of agent.working) for (const { id } of mails.of(key)) await arrived(id);
  void agent.done.catch(() => {}).then(() => inbound?.close());
  return { agent, inboundUrl: inbound?.url, stop: () => agent.stop() };
}

function actionsOf(
  settings: Settings,
  { workspace, mails }: { readonly workspace: Workspace; readonly mails: MailLog },
) {
  const places = searchPlaces(settings.LARRY_PLACES ?? PLACES, workspace);
  const mailbox = { smtpUrl: settings.SMTP_URL, from: settings.LARRY_MAIL_FROM };
  const phone = { url: settings.LARRY_PHONE_URL, secret: settings.LARRY_WEBHOOK_SECRET };
  return {
    search_places: places,
    search_google_maps: places,
    manage_csv: manageCsv(workspace),
    send_email: sendEmail(mailbox, mails),
    make_phone_call: makePhoneCall(phone),
    schedule_calendar_event: scheduleCalendarEvent(workspace, settings.LARRY_MAIL_FROM),
    conduct_interview: conductInterview(workspace),
    document_findings: writeDocument(workspace, "interview_summary_template.md"),
    draft_document: writeDocument(workspace, "proposal.md"),
    analyze_feedback: analyzeFeedback(mails),
  };
}

/** Ends the subtask that waits for this mail; one that does not wait yet looks into the log before it does. */
async function settle(agent: PollingAgent, mails: MailLog, id: string): Promise<void> {
  const mail = mails.mail(id);
  const settlement = settlementOf(mails, id);
  if (mail && settlement) void agent.settle(mail.key, settlement);
}
