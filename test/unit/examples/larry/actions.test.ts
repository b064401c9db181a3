/** Larry's actions with a real mail server and real files: what goes out once, what is written, what a person is asked. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import type { Action, ActionContext, Output } from "../../../../src/agent/index.ts";
import { Waiting } from "../../../../src/agent/index.ts";
import { scheduleCalendarEvent } from "../../../../src/examples/larry/actions/calendar.ts";
import { conductInterview, writeDocument } from "../../../../src/examples/larry/actions/documents.ts";
import { analyzeFeedback } from "../../../../src/examples/larry/actions/feedback.ts";
import { makePhoneCall } from "../../../../src/examples/larry/actions/make-phone-call.ts";
import { manageCsv, searchPlaces } from "../../../../src/examples/larry/actions/places.ts";
import { sendEmail, settlementOf } from "../../../../src/examples/larry/actions/send-email.ts";
import { MailLog } from "../../../../src/examples/larry/mail-log.ts";
import { isSigned, SIGNATURE } from "../../../../src/examples/larry/signature.ts";
import { Workspace } from "../../../../src/examples/larry/workspace.ts";
import type { MailServer } from "../../../support/larry/mail-server.ts";
import { startMailServer } from "../../../support/larry/mail-server.ts";
import { DECOMPOSED_SUBTASKS } from "../../../support/plans/carol.ts";
import { COMPLETE, WORK_ANSWER } from "../../../support/plans/worked-calls.ts";

const KEY = "exec_1/task_1_1_a";
const folder = mkdtempSync(join(tmpdir(), "errand-larry-"));
let smtp: MailServer;
let workspace: Workspace;
let log: MailLog;
let said: string[];
let n = 0;

beforeAll(async () => {
  smtp = await startMailServer();
});
afterAll(async () => {
  await smtp.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  n += 1;
  workspace = new Workspace(join(folder, String(n)));
  log = await MailLog.open(workspace, { domain: "larry.example" });
  said = [];
  smtp.mails.length = 0;
});

const context = (): ActionContext => ({
  ...{ executionId: "exec_1", planId: "plan_1", taskId: "task_1_1_a", title: "Interview Carol", idempotencyKey: KEY },
  ...{ attempt: 1, signal: new AbortController().signal, plan: { goal: "Win Carol", previous: [], upcoming: [] } },
  ...{ successCriteria: [], lastProgress: null, isInterrupted: false, progress: () => {} },
  say: (message) => void said.push(message),
});
async function run<S extends z.ZodType>(action: Action<S>, params: object): Promise<Output | Waiting> {
  return action.run(action.input.parse(params), context());
}
const checked = <S extends z.ZodType>(action: Action<S>, params: object) =>
  action.checkOutcome?.(action.input.parse(params), context());
const read = (path: string) => readFileSync(join(workspace.home, path), "utf8");

describe("the subtasks of the guide of polling agents", () => {
  const mailbox = () => ({ smtpUrl: smtp.url, from: "82deutschmark@gmail.com" });

  it("are done with the params that they have there", async () => {
    const inputs: Readonly<Record<string, z.ZodType>> = {
      send_email: sendEmail(mailbox(), log).input,
      conduct_interview: conductInterview(workspace).input,
      document_findings: writeDocument(workspace, "interview_summary_template.md").input,
    };
    for (const { action, params } of DECOMPOSED_SUBTASKS) expect(inputs[action]?.parse(params)).toBeDefined();
    const [, , findings] = DECOMPOSED_SUBTASKS;
    await run(writeDocument(workspace, "proposal.md"), findings?.params ?? {});
    expect(read("interviews/carol_20260211_discovery.md")).toContain("Key pain points");
  });

  it("have the output of the guide, key by key", async () => {
    const { params } = WORK_ANSWER.next_task;
    await run(sendEmail(mailbox(), log), { ...params, await_response: true });
    const [mail] = smtp.mails;
    if (!mail) throw new Error("no mail came");
    const id = mail.messageId;
    await log.replied(id, { from: params.to, excerpt: COMPLETE.output_data.response_excerpt });
    const ended = settlementOf(log, id);
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    expect(ended).toMatchObject({
      output: { ...COMPLETE.output_data, email_timestamp: instant, response_timestamp: instant },
      message: COMPLETE.message,
    });
  });
});

describe("send_email", () => {
  const MAIL = { to: "carol@farm.example", subject: "Interview", body: "Hi Carol" };
  const action = () => sendEmail({ smtpUrl: smtp.url, from: "larry@larry.example" }, log);

  it("sends one mail, whose Message-ID is the idempotency key, however often it is asked", async () => {
    const sent = await run(action(), MAIL);
    expect(await run(action(), MAIL)).toEqual(sent);
    log = await MailLog.open(workspace, { domain: "larry.example" });
    expect(await run(action(), MAIL)).toEqual(sent);
    expect(smtp.mails.map(({ to, messageId }) => [to, messageId])).toEqual([
      [["carol@farm.example"], "exec_1/task_1_1_a@larry.example"],
    ]);
    expect(sent).toEqual({
      ...{ email_sent_to: "carol@farm.example", email_timestamp: expect.stringMatching(/^\d{4}-.+Z$/) },
      ...{ mailbox_used: "larry@larry.example", message_id: "exec_1/task_1_1_a@larry.example" },
      ...{ recipient_response_received: false, response_excerpt: null, response_timestamp: null },
    });
  });

  it("waits for a response where one is awaited, and does not wait for one that is there", async () => {
    const params = { ...MAIL, await_response: true };
    expect(await run(action(), params)).toBeInstanceOf(Waiting);
    await log.replied(`${KEY}@larry.example`, { from: MAIL.to, excerpt: "Sounds good" });
    expect(await run(action(), params)).toMatchObject({
      ...{ recipient_response_received: true, response_excerpt: "Sounds good", response_timestamp: expect.any(String) },
    });
    expect(smtp.mails).toHaveLength(1);
  });

  it("blocks on an address that the mail server refuses, and sends to another one under a Message-ID of its own", async () => {
    await expect(run(action(), { ...MAIL, to: "nobody@farm.example" })).rejects.toMatchObject({
      ...{
        type: "external_dependency_blocked",
        retriable: false,
        suggestions: expect.arrayContaining(["Call by phone"]),
      },
    });
    await run(action(), MAIL);
    expect(smtp.mails.map(({ messageId }) => messageId)).toEqual([`${KEY}.2@larry.example`]);
  });

  it("blocks on a refused address also where those in copy get the mail", async () => {
    const params = { ...MAIL, to: "nobody@farm.example", cc: ["carol@farm.example"] };
    await expect(run(action(), params)).rejects.toMatchObject({
      retriable: false,
      message: expect.stringMatching(/nobody@.*bounced/),
    });
    expect(smtp.mails.map(({ to }) => to)).toEqual([["carol@farm.example"]]);
    expect(log.of(KEY)).toMatchObject([{ to: "nobody@farm.example", bounce: { why: expect.any(String) } }]);
  });

  it("is ended by a bounce of its newest mail alone, and by a reply to any", async () => {
    const params = { ...MAIL, await_response: true };
    await run(action(), { ...params, to: "old@farm.example" });
    const [first, second] = [`${KEY}@larry.example`, `${KEY}.2@larry.example`];
    await log.bounced(first, "unknown");
    expect(settlementOf(log, first)).toMatchObject({ error: { message: expect.stringContaining("old@farm.example") } });
    expect(await run(action(), params)).toBeInstanceOf(Waiting);
    expect([settlementOf(log, first), settlementOf(log, second)]).toEqual([undefined, undefined]);
    await log.replied(second, { from: MAIL.to, excerpt: "Yes" });
    expect(settlementOf(log, second)).toMatchObject({ output: { response_excerpt: "Yes" } });
  });

  it("tries again when no server is there, as nothing went out", async () => {
    const away = sendEmail({ smtpUrl: "smtp://127.0.0.1:1", from: "larry@larry.example" }, log);
    await expect(run(away, MAIL)).rejects.toMatchObject({ type: "smtp_error", retriable: true });
    expect(await checked(action(), MAIL)).toEqual({ happened: false });
  });

  it("is in doubt when the line breaks after the mail, and nobody is told that it is sent", async () => {
    smtp.breakNext = true;
    await expect(run(action(), MAIL)).rejects.toMatchObject({ type: "in_doubt", retriable: false });
    expect(smtp.mails).toHaveLength(1);
    expect(await checked(action(), MAIL)).toBeUndefined();
  });

  it("knows what became of an attempt that was interrupted, as far as its log goes", async () => {
    expect(await checked(action(), MAIL)).toEqual({ happened: false });
    const id = await log.intend(KEY, MAIL.to);
    expect(await checked(action(), MAIL)).toBeUndefined();
    await log.sent(id, "larry@larry.example");
    expect(await checked(action(), MAIL)).toMatchObject({ happened: true, output: { email_sent_to: MAIL.to } });
    expect(await checked(action(), { ...MAIL, await_response: true })).toMatchObject({ output: expect.any(Waiting) });
  });

  it("asks a person where no mail server is configured", async () => {
    const none = sendEmail({ smtpUrl: undefined, from: "larry@larry.example" }, log);
    await expect(run(none, MAIL)).rejects.toThrow("SMTP_URL is not set");
  });

  it("reads its log after a crash in the middle of a line", async () => {
    await run(action(), MAIL);
    await workspace.write("mail/log.jsonl", `${read("mail/log.jsonl")}{"is":"bou`);
    log = await MailLog.open(workspace, { domain: "larry.example" });
    expect(log.of(KEY)).toMatchObject([{ to: MAIL.to, sent: { mailbox: "larry@larry.example" } }]);
    await log.bounced(`${KEY}@larry.example`, "unknown");
    log = await MailLog.open(workspace, { domain: "larry.example" });
    expect(log.of(KEY)).toMatchObject([{ bounce: { why: "unknown" } }]);
  });

  describe("with a line that cannot be read", () => {
    const OTHER = { id: "exec_1/other@larry.example", key: "exec_1/other", to: "bob@farm.example", at: "t" };
    const line = (of: object) => JSON.stringify(of);
    const intent = line({ is: "intent", ...OTHER, id: `${KEY}@larry.example`, key: KEY });
    const opened = async (...lines: string[]) => {
      const warned: string[] = [];
      await workspace.write("mail/log.jsonl", lines.join("\n"));
      log = await MailLog.open(workspace, { domain: "larry.example", warn: (message) => void warned.push(message) });
      return warned;
    };

    it.each([
      ["that names nobody", "\0\0\0\0"],
      ["whose end is lost", `${intent.slice(0, 12)}${line({ is: "intent", ...OTHER })}`],
      ["that is JSON of something else", "[]"],
      ["that names this subtask", `${intent.slice(0, -4)}`],
      [
        "whose mail is named by a later line",
        `{"id":"exec_9/z@x",\n${line({ is: "sent", id: `${KEY}@larry.example`, at: "t", mailbox: "m" })}`,
      ],
    ])("is opened, says which it leaves out, and asks a person about a mail %s", async (_which, damaged) => {
      const warned = await opened(line({ is: "intent", ...OTHER, key: "exec_0/a", id: "exec_0/a@x" }), damaged, "");
      expect(warned).toEqual([expect.stringMatching(/^mail\/log\.jsonl, line 2 cannot be read and is left out: "/)]);
      expect(await checked(action(), MAIL)).toBeUndefined();
      await run(action(), MAIL);
      expect(await checked(action(), MAIL)).toMatchObject({ happened: true });
      log = await MailLog.open(workspace, { domain: "larry.example" });
      expect(await checked(action(), MAIL)).toMatchObject({ happened: true });
      expect(smtp.mails).toHaveLength(1);
    });

    it("knows what became of the mails that another line tells of", async () => {
      await opened(intent, line({ is: "sent", id: `${KEY}@larry.example`, at: "t", mailbox: "m" }), "\0", "");
      expect(log.of(KEY)).toMatchObject([{ sent: { mailbox: "m" } }]);
      await opened(line({ is: "intent", ...OTHER }).replace("farm", 'fa"rm'), "");
      expect(await checked(action(), MAIL)).toEqual({ happened: false });
    });

    it("writes on a line of its own after one that has no end", async () => {
      await opened(intent, '{"is":"sent","id":');
      await log.sent(`${KEY}@larry.example`, "m");
      log = await MailLog.open(workspace, { domain: "larry.example" });
      expect(log.of(KEY)).toMatchObject([{ sent: { mailbox: "m" } }]);
    });
  });
});

describe("make_phone_call", () => {
  it("asks the service, signed and with the idempotency key", async () => {
    const secret = "a secret of the test";
    const heard: unknown[] = [];
    const service = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      heard.push([request.headers["idempotency-key"], isSigned(body, secret, String(request.headers[SIGNATURE]))]);
      response.end(JSON.stringify({ answered: true, notes: "She will call back" }));
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", () => resolve()));
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    expect(await run(makePhoneCall({ url, secret }), { number: "860-455-9416" })).toMatchObject({
      ...{ called_number: "860-455-9416", answered: true, notes: "She will call back" },
    });
    expect(heard).toEqual([[KEY, true]]);
    service.close();
    service.closeAllConnections();
  });

  it.each([
    ["is tried again when nobody heard of it", { url: "http://127.0.0.1:59999", secret: "s" }, { retriable: true }],
    [
      "is a person's where no service is",
      { url: undefined, secret: undefined },
      { message: expect.stringContaining("Please call") },
    ],
  ])("%s", async (_what, service, error) => {
    await expect(run(makePhoneCall(service), { number: "860-455-9416" })).rejects.toMatchObject(error);
  });
});

describe("search_places and manage_csv", () => {
  const PLACES = "name,kind,email\nBittersweet Farm,dog breeder,c@x\nQuiet Corner,goat breeder,q@x\n";

  it("find by words, and keep each prospect once, however often it is done", async () => {
    await workspace.write("places.csv", PLACES);
    const search = searchPlaces(workspace.path("places.csv"), workspace);
    expect(await run(search, { query: "Dog breeder", save_as: "found.json" })).toMatchObject({
      ...{ count: 1, places: [{ name: "Bittersweet Farm" }], saved_as: "found.json" },
    });
    const csv = manageCsv(workspace);
    const params = { path: "prospects.csv", rows_from: "found.json", set: { status: "found" } };
    expect(await run(csv, params)).toMatchObject({ rows_total: 1, rows_added: 1 });
    expect(await run(csv, params)).toMatchObject({ rows_total: 1, rows_added: 0 });
    await run(csv, {
      path: "prospects.csv",
      rows: [{ email: "c@x" }, { email: "n@x", name: 'New, "one"' }],
      set: { status: "contacted" },
    });
    expect(await run(csv, { path: "prospects.csv", operation: "read" })).toMatchObject({
      rows: [
        { name: "Bittersweet Farm", kind: "dog breeder", email: "c@x", status: "contacted" },
        { name: 'New, "one"', kind: "", email: "n@x", status: "contacted" },
      ],
    });
  });

  it("keep all rows of two that write into one file at once", async () => {
    const csv = manageCsv(workspace);
    const emails = Array.from({ length: 8 }, (_none, n) => `${n}@x`);
    await Promise.all(emails.map((email) => run(csv, { path: "many.csv", rows: [{ email }] })));
    expect(await run(csv, { path: "many.csv", operation: "read" })).toMatchObject({ rows_total: 8 });
  });

  it("writes no formula into a cell, and reads back what was written", async () => {
    const csv = manageCsv(workspace);
    const row = { email: "x@y", name: "=cmd()", phone: "+1 860-555-0116", note: "'quoted'" };
    await run(csv, { path: "p.csv", rows: [row] });
    expect(read("p.csv")).toContain("'=cmd()");
    await run(csv, { path: "p.csv", rows: [{ email: "z@y" }] });
    const { rows } = (await run(csv, { path: "p.csv", operation: "read" })) as { rows: object[] };
    expect(rows[0]).toEqual(row);
  });

  it("read what a spreadsheet wrote: a mark at the front, its line ends, quotes, commas and lines in a cell", async () => {
    const csv = manageCsv(workspace);
    const read = async (text: string) => {
      await workspace.write("s.csv", text);
      return run(csv, { path: "s.csv", operation: "read" });
    };
    const text = '\uFEFFname,email\r\n"Farm, ""The"" Quiet",c@x\r\n\r\n"Two\r\nlines",q@x\r\n';
    expect(await read(text)).toMatchObject({
      rows: [
        { name: 'Farm, "The" Quiet', email: "c@x" },
        { name: "Two\r\nlines", email: "q@x" },
      ],
    });
    expect(await read("")).toMatchObject({ rows: [] });
    await expect(read('name,email\n"open,c@x\n')).rejects.toThrow("s.csv is no CSV file");
    await expect(read("name,email\none,two,three\n")).rejects.toThrow("s.csv is no CSV file");
  });

  it.each([
    [{ path: "../out.csv", rows: [{ email: "x" }] }, "leads out of Larry's folder"],
    [{ path: "p.csv", rows: [{ name: "x" }] }, '1 rows have no "email"'],
    [{ path: "p.csv", rows_from: "none.json" }, "there is no file none.json"],
  ])("refuses %j", async (params, message) => {
    await expect(run(manageCsv(workspace), params)).rejects.toThrow(message);
  });
});

describe("documents", () => {
  it("an interview asks a person its questions, and is written down when they are answered", async () => {
    const params = { required_topics: ["Records", "Pain points"], output_path: "interviews/carol.md" };
    await expect(
      run(conductInterview(workspace), { ...params, answers: { Records: "On paper" } }),
    ).rejects.toMatchObject({
      ...{ type: "interview", message: expect.stringContaining("Please ask: Pain points."), retriable: false },
    });
    expect(read("documents/exec_1/task_1_1_a_script.md")).toContain("1. Records\n2. Pain points");
    const answers = { Records: "On paper", "Pain points": "Lost notes" };
    expect(await run(conductInterview(workspace), { ...params, answers })).toMatchObject({
      interview_notes: "interviews/carol.md",
    });
    expect(read("interviews/carol.md")).toBe(
      "# Interview Carol\n\n## Records\n\nOn paper\n\n## Pain points\n\nLost notes\n",
    );
  });

  it("findings take the notes and the sections, and say which are open", async () => {
    await workspace.write("notes.md", "On paper");
    const write = writeDocument(workspace, "interview_summary_template.md");
    const params = {
      sections: ["Overview", "Wishes"],
      values: { Overview: "She writes by hand" },
      source: "notes.md",
      output_path: "f.md",
    };
    expect(await run(write, params)).toMatchObject({ document_path: "f.md", sections_open: ["Wishes"] });
    expect(read("f.md")).toContain(
      "## Overview\n\nShe writes by hand\n\n## Wishes\n\n_To be written._\n\n## Notes of the interview\n\nOn paper",
    );
    await expect(run(write, { template: "none.md" })).rejects.toThrow("there is no template none.md: there are");
  });

  it("an appointment is the same file each time", async () => {
    const action = scheduleCalendarEvent(workspace, "larry@larry.example");
    const params = {
      title: "Interview",
      start: "2026-12-10T14:00:00-05:00",
      duration_minutes: 90,
      attendees: ["c@farm.example"],
    };
    const first = await run(action, params);
    const text = read("calendar/exec_1_task_1_1_a.ics");
    expect(await run(action, params)).toEqual(first);
    expect(read("calendar/exec_1_task_1_1_a.ics")).toBe(text);
    expect(text).toMatch(/^UID:exec_1\/task_1_1_a\r$/m);
    expect(text).toMatch(/^DTSTART:20261210T190000Z\r$/m);
    expect(text).toMatch(/^DTEND:20261210T203000Z\r$/m);
    expect(text.replaceAll("\r\n ", "")).toContain("MAILTO:c@farm.example");
  });

  it("feedback is weighed by what was written back", async () => {
    const id = await log.intend(KEY, "c@farm.example");
    await log.replied(id, { from: "c@farm.example", excerpt: "Sounds great, I would love that!" });
    expect(await run(analyzeFeedback(log), {})).toMatchObject({ answers: 1, sentiment: "positive" });
    expect(await run(analyzeFeedback(log), { texts: [] })).toMatchObject({ answers: 0, sentiment: "neutral" });
  });
});
