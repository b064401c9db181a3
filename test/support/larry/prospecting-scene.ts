/**
 * Larry's three phases of prospecting at the real runtime, with a real mail server and a service for calls; the people and the outside
 * that answer him; and whoever kills him and the runtime at drawn moments.
 */
import { readFileSync } from "node:fs";
import type { Server as HttpServer } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PROSPECTING } from "../../../src/examples/larry/prospecting.ts";
import { SIGNATURE, signatureOf } from "../../../src/examples/larry/signature.ts";
import { PATIENCE_MS } from "../patience.ts";
import type { Server } from "../processes/server.ts";
import { startServer } from "../processes/server.ts";
import { seeded } from "../simulator/random.ts";
import { LarryProcess, SECRET } from "./larry-process.ts";
import type { MailServer, ReceivedMail } from "./mail-server.ts";
import { startMailServer } from "./mail-server.ts";

export const CAROL = "carol@bittersweet-farm.example";
const TOPICS = { "Current breeding records system": "On paper", "Pain points with current tools": "Lost notes" };
export const SCENE_LIMIT_MS = 4 * PATIENCE_MS;

interface Subtask {
  readonly id: string;
  readonly status: string;
  readonly result_data: Record<string, unknown> | null;
  readonly blocked: { readonly error_type: string | null; readonly next_step_options: readonly string[] } | null;
}
export interface Execution {
  readonly id: string;
  readonly status: string;
  readonly tasks: readonly { readonly id: string; readonly subtasks: readonly Subtask[] }[];
}
interface Reported {
  readonly id: string;
  readonly agent_id: string;
  readonly event_type: string;
  readonly task_id: string;
  readonly applied: boolean;
}

/** What was drawn, and what came of it. */
export interface Killed {
  readonly killedLarry: number;
  readonly killedRuntime: number;
  readonly mails: number;
  readonly calls: number;
  /** How often a person had a mail made again that was in doubt. */
  readonly again: number;
  readonly inDoubt: number;
}

type Answers = (mail: ReceivedMail) => string;
const rest = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const subtasksOf = ({ tasks }: Execution) => tasks.flatMap(({ subtasks }) => subtasks);
export const resultOf = (execution: Execution, id: string) =>
  subtasksOf(execution).find((each) => each.id === id)?.result_data;

export class ProspectingScene {
  readonly #folder: string;
  readonly #server: Server;
  readonly smtp: MailServer;
  readonly #phone: HttpServer;
  readonly calls: string[] = [];
  readonly #doubts = new Set<string>();
  #again = 0;
  #n = 0;
  #larry: LarryProcess;

  static async open(folder: string): Promise<ProspectingScene> {
    const server = await startServer({ stateDir: join(folder, "state") });
    return new ProspectingScene(folder, server, await startMailServer());
  }

  private constructor(folder: string, server: Server, smtp: MailServer) {
    this.#folder = folder;
    this.#server = server;
    this.smtp = smtp;
    this.#phone = createServer((request, response) => {
      this.calls.push(String(request.headers["idempotency-key"]));
      request.resume().on("end", () => response.end(JSON.stringify({ answered: true, notes: "Thursday is fine" })));
    });
    this.#larry = this.#newLarry();
  }

  async close(): Promise<void> {
    await this.#larry.kill("SIGKILL");
    await this.#server.kill("SIGKILL");
    await this.smtp.close();
    this.#phone.close();
    this.#phone.closeAllConnections();
  }

  get larry(): LarryProcess {
    return this.#larry;
  }

  get #home(): string {
    return join(this.#folder, `larry-${this.#n}`);
  }

  #newLarry(): LarryProcess {
    const port = (this.#phone.address() as AddressInfo | null)?.port ?? 9;
    const env = { LARRY_ID: `agent_larry_${this.#n}` };
    const urls = { url: this.#server.url, smtpUrl: this.smtp.url, phoneUrl: `http://127.0.0.1:${port}` };
    return new LarryProcess({ ...urls, home: this.#home, env });
  }

  /** A Larry of his own folder and name, with nothing sent yet. */
  async begin(): Promise<void> {
    await this.#larry.kill("SIGKILL");
    if (!this.#phone.listening)
      await new Promise<void>((resolve) => this.#phone.listen(0, "127.0.0.1", () => resolve()));
    this.#n += 1;
    this.calls.length = 0;
    this.smtp.mails.length = 0;
    this.#doubts.clear();
    this.#again = 0;
    this.#larry = this.#newLarry();
    await this.#larry.start();
  }

  /** Again while the runtime is down. */
  async call<T>(method: string, path: string, body?: object): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        const response = await fetch(`${this.#server.url}${path}`, {
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

  /** Returns how the execution ended. */
  async run(answer: Answers): Promise<Execution> {
    const plan_id = `plan_prospecting_${this.#n}`;
    await this.call("POST", "/api/plans", { ...PROSPECTING, plan_id });
    const request = { plan_id, agent_id: `agent_larry_${this.#n}`, id: `exec_prospecting_${this.#n}` };
    const { id } = await this.call<Execution>("POST", "/api/executions", request);
    return this.#untilEnded(id, answer);
  }

  /** The same while Larry and the runtime are killed at moments that the seed draws, and a mail server breaks the line now and then. */
  async runKilled(
    { seed, kills }: { readonly seed: number; readonly kills: number },
    answer: Answers,
  ): Promise<{ readonly execution: Execution; readonly told: Killed }> {
    const draw = seeded(seed);
    let [isOver, killedLarry, killedRuntime] = [false, 0, 0];
    this.smtp.breakNext = draw() < 0.3;
    const killing = (async () => {
      while (killedLarry + killedRuntime < kills && !isOver) {
        await rest(100 + draw() * 1_800);
        if (isOver) return;
        if (draw() < 0.65) {
          killedLarry += 1;
          await this.#larry.kill("SIGKILL");
          await rest(draw() * 300);
          await this.#larry.start();
        } else {
          killedRuntime += 1;
          await this.#server.restart();
        }
      }
    })();
    const execution = await this.run(answer);
    isOver = true;
    await killing;
    this.smtp.breakNext = false;
    const counts = { mails: this.smtp.mails.length, calls: this.calls.length };
    return {
      execution,
      told: { killedLarry, killedRuntime, ...counts, again: this.#again, inDoubt: this.#doubts.size },
    };
  }

  /** A mail as it comes in; the mail server of Larry's provider delivers it until it is taken. */
  async #deliver(mime: string): Promise<void> {
    for (let tries = 0; tries < 600; tries += 1) {
      const url = this.#larry.inboundUrl;
      const headers = { [SIGNATURE]: signatureOf(mime, SECRET) };
      const taken = url && (await fetch(url, { method: "POST", body: mime, headers }).catch(() => undefined));
      if (taken && taken.status === 202) return;
      await rest(100);
    }
    throw new Error("Larry does not take the mail");
  }

  /** What people and the outside do until the execution ends. */
  async #untilEnded(id: string, answer: Answers): Promise<Execution> {
    const answered = new Set<string>();
    const until = Date.now() + SCENE_LIMIT_MS;
    while (Date.now() < until) {
      const execution = await this.call<Execution>("GET", `/api/executions/${id}`);
      if (["COMPLETED", "FAILED", "CANCELLED"].includes(execution.status)) return execution;
      for (const mail of this.smtp.mails.filter(({ messageId }) => !answered.has(messageId))) {
        answered.add(mail.messageId);
        await this.#deliver(answer(mail));
      }
      for (const subtask of subtasksOf(execution)) if (subtask.blocked) await this.#decide(id, subtask);
      await rest(150);
    }
    const last = await this.call("GET", `/api/executions/${id}`);
    throw new Error(`still not ended:\n${JSON.stringify(last, null, 1)}`);
  }

  /** A person looks where the truth is, and decides. */
  async #decide(id: string, { id: task_id, blocked }: Subtask): Promise<void> {
    if (blocked?.error_type === "in_doubt") this.#doubts.add(task_id);
    const resolve = (body: object) =>
      this.call("POST", `/api/executions/${id}/resolve`, { task_id, ...body }).catch((error: unknown) => {
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
    else if (task_id === "task_2_a" && (this.smtp.mails.length > 0 || this.calls.length > 0))
      await resolve({ option: "complete_by_hand", output_data: { email_sent_to: CAROL } });
    else {
      if (task_id === "task_2_a") this.#again += 1;
      await resolve({ option: "retry_task" });
    }
  }

  get logLines(): string[] {
    return readFileSync(this.#larry.logPath, "utf8").trimEnd().split("\n");
  }

  read(path: string): string {
    return readFileSync(join(this.#home, path), "utf8");
  }

  /** What is not as it should be at the end: a mail twice in silence, rows of the CSV, gaps in the log, ends that count twice. */
  async broken({ id, status }: Execution): Promise<string[]> {
    const found: string[] = [];
    const must = (holds: boolean, what: string) => void (holds || found.push(what));
    const { mails } = this.smtp;
    must(status === "COMPLETED", `it ended as ${status}`);
    must(new Set(mails.map(({ messageId }) => messageId)).size === mails.length, "one Message-ID came twice");
    must(mails.length <= 1 + this.#again, `${mails.length} mails, and a person had ${this.#again} sent again`);
    must(this.read("prospects.csv") === CSV, `the CSV is\n${this.read("prospects.csv")}`);
    must(this.read("interviews/carol.md").includes("Lost notes"), "the interview is not written down");
    must(this.read("proposals/carol.md").includes("Current workflow overview"), "the proposal is not written");
    for (const line of this.logLines) must(LOG_LINE.test(line), `a line of Larry's log: ${line}`);
    return [...found, ...(await this.#brokenLog(id))];
  }

  async #brokenLog(id: string): Promise<string[]> {
    const events = await this.call<{ items: { seq: number }[] }>("GET", `/api/v1/executions/${id}/events?limit=1000`);
    const gaps = events.items.filter(({ seq }, at) => seq !== at + 1).map(({ seq }) => `a gap before event ${seq}`);
    const promises = await this.call<{ items: { promise: string; verdict: string; detail: string }[] }>(
      "GET",
      `/api/v1/executions/${id}/invariants`,
    );
    const violated = promises.items.filter(({ verdict }) => verdict === "violated");
    const { items } = await this.call<{ items: Reported[] }>("GET", `/api/executions/${id}/events?limit=100`);
    const ends = items.filter(({ event_type, applied }) => event_type === "task_complete" && applied);
    const twice = ends.filter(({ task_id }, at) => ends.findIndex((each) => each.task_id === task_id) !== at);
    return [
      ...gaps,
      ...violated.map(({ promise, detail }) => `${promise}: ${detail}`),
      ...twice.map(({ task_id }) => `${task_id} was completed twice`),
    ];
  }
}

const CSV = [
  "name,kind,town,email,phone,status",
  `Bittersweet Farm,dog breeder border collie,Woodstock CT,${CAROL},860-555-0116,contacted`,
  "Hillside Kennels,dog breeder beagle,Pomfret CT,hello@hillside-kennels.example,860-555-0127,found",
  "",
].join("\n");

/** As Python's logging writes it: `%(asctime)s - %(levelname)s - %(message)s`. */
const LOG_LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - (?:INFO|WARNING|ERROR) - \S/;
