/** Settings of the launcher: read from variables, refused in a sentence. It does not know where the variables come from. */
import { resolve } from "node:path";
import { misspelt } from "./known-settings.ts";

/** What the launcher was told by its flags and its environment, checked once. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly stateDir: string;
  readonly cronMs: number;
  /** `keys`: every caller needs a key, as in a deployment; the first one is made and printed. */
  readonly auth: "open" | "keys";
  /** Variables of the environment that the Worker gets as bindings. */
  readonly passedOn: Readonly<Record<string, string>>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const PASSED_ON =
  /^(ANTHROPIC_API_KEY|ANTHROPIC_BASE_URL|OPENAI_API_KEY|OPENAI_BASE_URL|AGENTFIELD_(AUTHORIZATION_INTERNAL_TOKEN|AGENT_DRAIN_GRACE|MAX_CONCURRENT_PER_AGENT)|ERRAND_\w+)$/;

/** Caps; the Worker knows what each is for. */
const IS_LIMIT = /^ERRAND_MAX_\w+$/;
const isLimit = (text: string) => /^[1-9]\d{0,14}$/.test(text);

/** Addresses that only this machine reaches. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

/** Settings of a project in `root`, or one sentence that says which variable is wrong. */
export function readSettings(environment: Environment, root: string): Settings | string {
  const unknown = misspelt(Object.keys(environment));
  if (unknown !== undefined) return unknown;
  const port = Number(environment.PORT || 8787);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    return `PORT must be a number from 0 (any free port) to 65535, not "${environment.PORT}".`;
  }
  const cronMs = Number(environment.ERRAND_CRON_MS || 60_000);
  if (!(cronMs >= 10)) return `ERRAND_CRON_MS must be 10 milliseconds or more, not "${environment.ERRAND_CRON_MS}".`;

  const auth = environment.ERRAND_AUTH || "open";
  if (auth !== "open" && auth !== "keys") return `ERRAND_AUTH must be "open" or "keys", not "${auth}".`;

  const host = environment.ERRAND_HOST || "127.0.0.1";
  if (auth === "open" && !LOOPBACK.test(host)) {
    return `${host} can be reached from other machines, and without keys everybody there could start executions. Set ERRAND_AUTH=keys, or leave ERRAND_HOST at 127.0.0.1.`;
  }
  const wrong = wrongText(environment);
  if (wrong !== undefined) return wrong;
  return {
    port,
    host,
    stateDir: environment.STATE_DIR ? resolve(environment.STATE_DIR) : resolve(root, ".errand/state"),
    cronMs,
    auth,
    passedOn: passedOn(environment),
  };
}

/** What the Worker would complain about at each request. */
function wrongText(environment: Environment): string | undefined {
  const days = environment.ERRAND_RETENTION_DAYS;
  if (days && days !== "forever" && !(Number(days) > 0)) {
    return `ERRAND_RETENTION_DAYS must be a number of days above 0, or "forever", not "${days}".`;
  }
  const limit = Object.entries(environment).find(([name, text]) => text && IS_LIMIT.test(name) && !isLimit(text));
  if (limit) return `${limit[0]} must be a whole number from 1, not "${limit[1]}"; docs/limits.md has its default.`;
  const publicUrl = environment.ERRAND_PUBLIC_URL;
  if (publicUrl && !isWebUrl(publicUrl)) {
    return "ERRAND_PUBLIC_URL must be an http or https address without a user name and a password.";
  }
  return undefined;
}

function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

function passedOn(environment: Environment): Record<string, string> {
  const bindings: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value && PASSED_ON.test(name)) bindings[name] = value;
  }
  return bindings;
}
