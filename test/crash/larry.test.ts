/**
 * Larry's three phases of prospecting against a real mail server, a service for calls, and the real runtime; and the same while he and
 * the runtime are killed in the middle. A mail goes out once, unless a person who saw that it is in doubt had it sent again.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Server as HttpServer } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROSPECTING } from "../../src/examples/larry/prospecting.ts";
import { SIGNATURE, signatureOf } from "../../src/examples/larry/signature.ts";
import { LarryProcess, SECRET } from "../support/larry/larry-process.ts";
import type { MailServer, ReceivedMail } from "../support/larry/mail-server.ts";
import { bounceOf, replyTo, startMailServer } from "../support/larry/mail-server.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const CAROL = "carol@bittersweet-farm.example";
const TOPICS = { "Current breeding records system": "On paper", "Pain points with current tools": "Lost notes" };
/** More of them: LARRY_SEEDS=1,2,3 */
const SEEDS = (process.env.LARRY_SEEDS ?? "11").split(",").map(Number);
const LIMIT_MS = 4 * PATIENCE_MS;

const folder = mkdtempSync(join(tmpdir(), "errand-larry-"));
let server: Server;
let smtp: MailServer;
let phone: HttpServer;
let calls: string[] = [];
/** How often a person had a mail, or a call, made again that was in doubt. */
let again = 0;
let larry: LarryProcess;
let home = "";
let n = 0;

beforeAll(async () => {
  server = await startServer({ stateDir: join(folder, "state") });
  smtp = await startMailServer();
  phone = createServer((request, response) => {
    calls.push(String(request.headers["idempotency-key"]));
    request.resume().on("end", () => response.end(JSON.stringify({ answered: true, notes: "Thursday is fine" })));
  });
  await new Promise<void>((resolve) => phone.listen(0, "127.0.0.1", () => resolve()));
});
afterAll(async () => {
  await server.kill("SIGKILL");
  await smtp.close();
  phone.close();
  phone.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  n += 1;
  home = join(folder, `larry-${n}`);
  [calls, smtp.mails.length, again] = [[], 0, 0];
  const phoneUrl = `http://127.0.0.1:${(phone.address() as AddressInfo).port}`;
  const env = { LARRY_ID: `agent_larry_${n}` };
  larry = new LarryProcess({ url: server.url, home, smtpUrl: smtp.url, phoneUrl, env });
  await larry.start();
});
afterEach(async () => {
  await larry.kill("SIGKILL");
});

interface Subtask {
  readonly id: string;
  readonly status: string;
  readonly result_data: Record<string, unknown> | null;
  readonly blocked: { readonly error_type: string | null; readonly next_step_options: readonly string[] } | null;
}
interface Execution {
  readonly id: string;
  readonly status: string;
  readonly tasks: readonly { readonly id: string; readonly subtasks: readonly Subtask[] }[];
}

/** Again while the runtime is down. */
async function call<T>(method: string, path: string, body?: object): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      const response = await fetch(`${server.url}${path}`, {
        ...{ method, headers: { "content-type": "application/json" } },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.ok) return JSON.parse(text) as T;
      if (response.status < 500) throw new TypeError(`${method} ${path}: ${response.status} ${text}`);
    } catch (error) {
      if (tries > 600 || String(error).includes(": 4")) throw error;
    }
    await rest(100);
  }
}
const rest = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const subtasksOf = ({ tasks }: Execution) => tasks.flatMap(({ subtasks }) => subtasks);
const resultOf = (execution: Execution, id: string) =>
  subtasksOf(execution).find((each) => each.id === id)?.result_data;

async function begin(): Promise<string> {
  const plan_id = `plan_prospecting_${n}`;
  await call("POST", "/api/plans", { ...PROSPECTING, plan_id });
  const { id } = await call<Execution>("POST", "/api/executions", { plan_id, agent_id: `agent_larry_${n}` });
  return id;
}

/** A mail as it comes in; the mail server of Larry's provider delivers it until it is taken. */
async function deliver(mime: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const url = larry.inboundUrl;
    const headers = { [SIGNATURE]: signatureOf(mime, SECRET) };
    const taken = url && (await fetch(url, { method: "POST", body: mime, headers }).catch(() => undefined));
    if (taken && taken.status === 202) return;
    await rest(100);
  }
  throw new Error("Larry does not take the mail");
}

/** What people and the outside do until the execution ends. */
async function untilEnded(id: string, answer: (mail: ReceivedMail) => string): Promise<Execution> {
  const answered = new Set<string>();
  const until = Date.now() + LIMIT_MS;
  while (Date.now() < until) {
    const execution = await call<Execution>("GET", `/api/executions/${id}`);
    if (["COMPLETED", "FAILED", "CANCELLED"].includes(execution.status)) return execution;
    for (const mail of smtp.mails.filter(({ messageId }) => !answered.has(messageId))) {
      answered.add(mail.messageId);
      await deliver(answer(mail));
    }
    for (const subtask of subtasksOf(execution)) if (subtask.blocked) await decide(id, subtask);
    await rest(150);
  }
  throw new Error(`still not ended:\n${JSON.stringify(await call("GET", `/api/executions/${id}`), null, 1)}`);
}

/** A person looks where the truth is, and decides. */
async function decide(id: string, { id: task_id, blocked }: Subtask): Promise<void> {
  const resolve = (body: object) =>
    call("POST", `/api/executions/${id}/resolve`, { task_id, ...body }).catch((error: unknown) => {
      // Decided already, with an answer that was lost.
      if (!String(error).includes(": 409")) throw error;
    });
  if (task_id === "task_3_b" && blocked?.error_type === "interview") {
    const params = { required_topics: Object.keys(TOPICS), answers: TOPICS, output_path: "interviews/carol.md" };
    await resolve({ option: "retry_task", params });
  } else if (
    blocked?.next_step_options.includes("approve_phone_call") &&
    blocked.error_type === "external_dependency_blocked"
  )
    await resolve({ option: "approve_phone_call" });
  else if (task_id === "task_2_a" && (smtp.mails.length > 0 || calls.length > 0))
    await resolve({ option: "complete_by_hand", output_data: { email_sent_to: CAROL } });
  else {
    if (task_id === "task_2_a") again += 1;
    await resolve({ option: "retry_task" });
  }
}

const log = () => readFileSync(larry.logPath, "utf8").trimEnd().split("\n");

function expectOrder(execution: Execution): void {
  expect(execution.status).toBe("COMPLETED");
  expect(new Set(smtp.mails.map(({ messageId }) => messageId)).size).toBe(smtp.mails.length);
  expect(readFileSync(join(home, "prospects.csv"), "utf8")).toBe(
    [
      "name,kind,town,email,phone,status",
      `Bittersweet Farm,dog breeder border collie,Woodstock CT,${CAROL},860-555-0116,contacted`,
      "Hillside Kennels,dog breeder beagle,Pomfret CT,hello@hillside-kennels.example,860-555-0127,found",
      "",
    ].join("\n"),
  );
  expect(readFileSync(join(home, "interviews/carol.md"), "utf8")).toContain("Lost notes");
  expect(readFileSync(join(home, "proposals/carol.md"), "utf8")).toContain("Current workflow overview");
  for (const line of log()) expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - (INFO|WARNING|ERROR) - \S/);
}

describe("Larry", () => {
  it("finds prospects, writes to one, waits for her answer, meets her and writes it down", {
    timeout: LIMIT_MS,
  }, async () => {
    const execution = await untilEnded(await begin(), (mail) =>
      replyTo(mail, "Sounds great, I would love that. Thursday at 2 PM"),
    );
    expectOrder(execution);
    expect(smtp.mails.map(({ to, messageId }) => [to, messageId])).toEqual([
      [[CAROL], `${execution.id}/task_2_a@larry.example`],
    ]);
    expect(resultOf(execution, "task_2_a")).toMatchObject({
      ...{ email_sent_to: CAROL, mailbox_used: "larry@larry.example", recipient_response_received: true },
      response_excerpt: "Sounds great, I would love that. Thursday at 2 PM",
    });
    expect(resultOf(execution, "task_2_c")).toMatchObject({ answers: 1, sentiment: "positive" });
    expect(log().some((line) => line.endsWith(" - INFO - Reporting event: task_complete for task task_2_a"))).toBe(
      true,
    );
    expect(await larry.kill("SIGTERM")).toBe(0);
  });

  it("is blocked when the mail bounces, calls when a person approves it, and goes on", {
    timeout: LIMIT_MS,
  }, async () => {
    const execution = await untilEnded(await begin(), (mail) => bounceOf(mail));
    expectOrder(execution);
    expect([smtp.mails.length, calls.length]).toEqual([1, 1]);
    expect(resultOf(execution, "task_2_a")).toMatchObject({ called_number: "860-555-0116", answered: true });
  });

  it.each(SEEDS)(
    "and the runtime are killed again and again: no mail twice in silence (seed %i)",
    { timeout: 2 * LIMIT_MS },
    async (seed) => {
      const random = dice(seed);
      let isOver = false;
      const killing = (async () => {
        for (let kills = 0; kills < 6 && !isOver; kills += 1) {
          await rest(300 + random() * 2_500);
          if (isOver) return;
          if (random() < 0.65) {
            await larry.kill("SIGKILL");
            await rest(random() * 300);
            await larry.start();
          } else await server.restart();
        }
      })();
      const id = await begin();
      const execution = await untilEnded(id, (mail) => replyTo(mail, "Sounds good"));
      isOver = true;
      await killing;
      expectOrder(execution);
      expect(smtp.mails.length).toBeLessThanOrEqual(1 + again);
      const { items } = await call<{ items: { event_type: string; task_id: string; applied: boolean }[] }>(
        "GET",
        `/api/executions/${id}/events?limit=200`,
      );
      const done = items.filter(({ event_type, applied }) => event_type === "task_complete" && applied);
      expect(done.map(({ task_id }) => task_id).sort()).toEqual(
        [...new Set(done.map(({ task_id }) => task_id))].sort(),
      );
    },
  );
});

/** Mulberry32. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
