/** Mails that come in: a reply, a bounce, a report that is none, and what is not signed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { readMail } from "../../../../src/examples/larry/inbound-mail.ts";
import type { InboundServer } from "../../../../src/examples/larry/inbound-server.ts";
import { inboundServer } from "../../../../src/examples/larry/inbound-server.ts";
import { MailLog } from "../../../../src/examples/larry/mail-log.ts";
import mailWorker from "../../../../src/examples/larry/mail-worker.ts";
import { SIGNATURE, signatureOf } from "../../../../src/examples/larry/signature.ts";
import { Workspace } from "../../../../src/examples/larry/workspace.ts";
import { bounceOf, replyTo } from "../../../support/larry/mail-server.ts";

const SENT = { messageId: "exec_1/task_1_1_a@larry.example", to: ["carol@farm.example"], mime: "" };
const SECRET = "a secret of the test";
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

it("is a reply to the mail that it names, and what it quotes is left out", async () => {
  expect(await readMail(Buffer.from(replyTo(SENT, "Sounds good,\r\nThursday at 2 PM")))).toEqual({
    ...{ about: [SENT.messageId], from: "carol@farm.example", bounce: undefined, isAutomatic: false },
    excerpt: "Sounds good, Thursday at 2 PM",
  });
});

it("is a bounce of the mail that came back with it, with the words of the mail server", async () => {
  const mail = await readMail(Buffer.from(bounceOf(SENT)));
  expect([mail.about[0], mail.bounce]).toEqual([SENT.messageId, "550 5.1.1 user unknown"]);
});

it("is no bounce when it only says that it takes longer", async () => {
  expect((await readMail(Buffer.from(bounceOf(SENT, "delayed")))).bounce).toBeUndefined();
});

it.each(["", "\0\0\0", "no headers at all", 'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n'])(
  "is read whatever it is: %j",
  async (text) => {
    expect(await readMail(Buffer.from(text))).toMatchObject({ about: [] });
  },
);

async function started(): Promise<{ server: InboundServer; log: MailLog; arrived: string[]; home: string }> {
  const home = mkdtempSync(join(tmpdir(), "errand-inbound-"));
  const log = await MailLog.open(new Workspace(home), { domain: "larry.example" });
  const arrived: string[] = [];
  const hear = async (id: string) => void arrived.push(id);
  const server = await inboundServer({ port: 0, secret: SECRET, log, arrived: hear });
  ends.push(server.close, () => rmSync(home, { recursive: true, force: true }));
  return { server, log, arrived, home };
}
const post = (url: string, body: string, signature = signatureOf(body, SECRET)) =>
  fetch(url, { method: "POST", body, headers: { [SIGNATURE]: signature } });

it.each([
  ["an answer by itself", replyTo(SENT, "I am out of office").replace("\r\n", "\r\nAuto-Submitted: auto-replied\r\n")],
  ["a report that ours takes longer", bounceOf(SENT, "delayed")],
])("is no reply when it is %s: what waits for one waits on", async (_what, mime) => {
  const { server, log, arrived } = await started();
  const id = await log.intend("exec_1/task_1_1_a", "carol@farm.example");
  const answer = await post(server.url, mime);
  expect([answer.status, await answer.json()]).toEqual([202, { belongs_to: id, bounce: false, automatic: true }]);
  expect([arrived, log.mail(id)?.reply, log.mail(id)?.bounce]).toEqual([[], undefined, undefined]);
});

it("is a reply when it says that no program wrote it", async () => {
  const mime = replyTo(SENT, "Yes").replace("\r\n", "\r\nAuto-Submitted: no\r\n");
  expect(await readMail(Buffer.from(mime))).toMatchObject({ isAutomatic: false });
});

it("is on disk before it is answered, and told to whom it belongs", async () => {
  const { server, log, arrived, home } = await started();
  const id = await log.intend("exec_1/task_1_1_a", "carol@farm.example");
  const answer = await post(server.url, replyTo(SENT, "Sounds good"));
  expect([answer.status, await answer.json(), arrived]).toEqual([202, { belongs_to: id, bounce: false }, [id]]);
  const again = await MailLog.open(new Workspace(home), { domain: "larry.example" });
  expect(again.mail(id)?.reply).toMatchObject({ excerpt: "Sounds good" });
});

it("comes in through the Worker that takes mails, and is not lost when Larry does not take it", async () => {
  const { server, log, arrived } = await started();
  const id = await log.intend("exec_1/task_1_1_a", "carol@farm.example");
  const mail = () => ({ raw: new Blob([replyTo(SENT, "Sounds good")]).stream() });
  const env = { LARRY_INBOUND_URL: server.url, LARRY_WEBHOOK_SECRET: SECRET };
  await mailWorker.email(mail(), env);
  expect(arrived).toEqual([id]);
  await expect(mailWorker.email(mail(), { ...env, LARRY_WEBHOOK_SECRET: "another" })).rejects.toThrow("401");
});

it("is taken and forgotten when it belongs to none of ours, and refused when it is not signed", async () => {
  const { server, arrived } = await started();
  expect((await post(server.url, replyTo(SENT, "x"))).status).toBe(202);
  expect((await post(server.url, replyTo(SENT, "x"), "sha256=00")).status).toBe(401);
  expect((await post(server.url, replyTo(SENT, "x"), "")).status).toBe(401);
  expect((await fetch(server.url)).status).toBe(404);
  expect((await post(server.url, "x".repeat(10_000_001))).status).toBe(413);
  expect(arrived).toEqual([]);
});
