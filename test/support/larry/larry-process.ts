/** Larry as a process of his own, which tests kill and start again; his folder stays. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { PATIENCE_MS } from "../patience.ts";

const MAIN = resolve(import.meta.dirname, "../../../src/examples/larry/main.ts");

export const SECRET = "a secret of the test of Larry";

interface LarryOptions {
  readonly url: string;
  readonly home: string;
  readonly smtpUrl: string;
  readonly phoneUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class LarryProcess {
  readonly #options: LarryOptions;
  #child: ChildProcess | undefined;
  #output = "";
  #inbound: string | undefined;

  constructor(options: LarryOptions) {
    this.#options = options;
  }

  /** Where mails come in; `undefined` while he is not there. */
  get inboundUrl(): string | undefined {
    return this.#inbound;
  }

  get output(): string {
    return this.#output;
  }

  get logPath(): string {
    return join(this.#options.home, "logs/larry_execution.log");
  }

  /** Resolves when he polls. */
  async start(): Promise<void> {
    const { url, home, smtpUrl, phoneUrl, env } = this.#options;
    const child = spawn(process.execPath, [MAIN], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...{
          PATH: process.env.PATH,
          LARRY_SERVER: url,
          LARRY_HOME: home,
          SMTP_URL: smtpUrl,
          ...(phoneUrl === undefined ? {} : { LARRY_PHONE_URL: phoneUrl }),
        },
        ...{ LARRY_WEBHOOK_SECRET: SECRET, LARRY_PORT: "0", LARRY_MAIL_FROM: "larry@larry.example" },
        ...env,
      },
    });
    this.#child = child;
    const ready = Promise.withResolvers<void>();
    const hear = (chunk: Buffer) => {
      this.#output += chunk.toString();
      this.#inbound = /Mail comes in at (\S+)\.\n/.exec(this.#output)?.[1];
      if (this.#inbound) ready.resolve();
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", (code) => ready.reject(new Error(`Larry ended with ${code}:\n${this.#output}`)));
    const late = setTimeout(() => ready.reject(new Error(`Larry does not poll:\n${this.#output}`)), 2 * PATIENCE_MS);
    await ready.promise.finally(() => clearTimeout(late));
  }

  async kill(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    this.#inbound = undefined;
    this.#output = "";
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    return child.exitCode;
  }
}
