import { parseArgs } from "node:util";
import { nearest } from "../domain/values/nearest.ts";

/** What the command line said; each goes before the variable of the same meaning. */
export interface Flags {
  readonly port?: string;
  readonly host?: string;
  readonly state?: string;
  readonly help: boolean;
  /** `--no-watch`: a change of a source starts nothing. */
  readonly watch: boolean;
}

const FLAGS = {
  port: { type: "string" },
  host: { type: "string" },
  state: { type: "string" },
  watch: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const NAMES = [...Object.keys(FLAGS), "no-watch"].map((name) => `--${name}`);

/** The flags, or one sentence that says which one is wrong. `command` is what the person typed before them. */
export function readFlags(args: readonly string[], command: string): Flags | string {
  const hint = `See ${command} --help.`;
  const { values, tokens } = parseArgs({
    args: [...args],
    options: FLAGS,
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") return `"${token.value}" is no flag, and ${command} takes nothing else. ${hint}`;
    if (token.kind !== "option") continue;
    if (!NAMES.includes(token.rawName) && token.rawName !== "-h") return unknown(token.rawName, hint);
    const takesText = token.name in FLAGS && FLAGS[token.name as keyof typeof FLAGS].type === "string";
    if (takesText && !token.value) return `${token.rawName} needs a value. ${hint}`;
    if (!takesText && token.value !== undefined) return `${token.rawName} takes no value. ${hint}`;
  }
  const { port, host, state, help, watch } = values;
  return {
    ...(typeof port === "string" ? { port } : {}),
    ...(typeof host === "string" ? { host } : {}),
    ...(typeof state === "string" ? { state } : {}),
    help: help === true,
    watch: watch !== false,
  };
}

function unknown(flag: string, hint: string): string {
  const meant = nearest(flag, NAMES);
  return `${flag} is no flag.${meant === undefined ? "" : ` Did you mean ${meant}?`} ${hint}`;
}

/** What `--help` prints. */
export function helpText(command: string): string {
  return `${command}: serves the Worker of this folder on this machine, with no account and no key.

  --port N     the port; 0 picks a free one (PORT; 8787)
  --host H     the address; another than 127.0.0.1 needs ERRAND_AUTH=keys (ERRAND_HOST)
  --state DIR  the folder of what is stored (STATE_DIR; .errand/state)
  --no-watch   do not start again when a source changes
  --help       this text

It starts again when a source, wrangler.toml, .dev.vars, .env, package.json or a migration changes; executions go on.
Every setting is listed in docs/settings.md.`;
}
