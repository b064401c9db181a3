/**
 * Asks wrangler in a process of its own: `node wrangler-answers.ts config FILE` and `… split FILE…` print one line of
 * JSON. Importing wrangler takes a second and 120 MB; the launcher outlives its questions by days.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  unstable_getMiniflareWorkerOptions,
  unstable_getVarsForDev,
  unstable_readConfig,
  unstable_splitSqlQuery,
} from "wrangler";
import type { Classes } from "./migration-fault.ts";
import { migrationFault } from "./migration-fault.ts";
import { withFirstNames } from "./renamed-classes.ts";
import type { WorkerConfig } from "./worker-config.ts";

/** The part of wrangler's configuration that is read here; wrangler's own type for it is `any`. */
interface Config {
  readonly name?: string;
  readonly main?: string;
  readonly d1_databases: readonly { readonly binding: string; readonly migrations_dir?: string }[];
  readonly triggers: { readonly crons?: readonly string[] };
  readonly build: { readonly command?: string };
  readonly migrations: Classes["migrations"];
  readonly durable_objects: Pick<Classes, "bindings">;
}

function configOf(given: string): WorkerConfig {
  const file = resolve(given);
  const root = dirname(file);
  const read = unstable_readConfig({ config: file });
  const config: Config = read;
  const { name = "worker", migrations } = config;
  const { modulesRules, bindings: _, ...options } = unstable_getMiniflareWorkerOptions(read).workerOptions;
  const fault = migrationFault(file, { bindings: config.durable_objects.bindings, migrations });
  const objects = options.durableObjects ?? {};
  const variables = unstable_getVarsForDev(file, undefined, read.vars, undefined, true);
  return {
    root,
    name,
    ...(config.main === undefined ? {} : { main: config.main }),
    options: { ...options, durableObjects: withFirstNames(objects, { name, migrations }) },
    rules: (modulesRules ?? []).map(({ type, include }) => ({ type, include })),
    variables: Object.fromEntries(Object.entries(variables).map(([name, { value }]) => [name, textOf(value)])),
    databases: config.d1_databases.map(({ binding, migrations_dir = "migrations" }) => ({
      binding,
      migrations: resolve(root, migrations_dir),
    })),
    crons: config.triggers.crons ?? [],
    ...(fault === undefined ? {} : { migrationFault: fault }),
    customBuild: config.build.command !== undefined,
  };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** The place of a fault in a TOML or JSON document, where wrangler names it. */
interface ParseFault {
  readonly text: string;
  readonly location?: { readonly line: number; readonly column: number };
}

function isParseFault(error: unknown): error is ParseFault {
  return error instanceof Error && error.name === "ParseError" && "text" in error;
}

/** One line of what wrangler says in several. */
function sentenceOf(error: unknown, file: string): string {
  if (isParseFault(error)) {
    const { location } = error;
    return `${file}${location ? `:${location.line}:${location.column}` : ""} cannot be read: ${error.text}.`;
  }
  const [first = "", ...more] = (error instanceof Error ? error.message : String(error)).split("\n");
  const details = more.map((line) => line.trim().replace(/^- /, "")).filter((line) => line !== "");
  return details.length === 0 ? `${file}: ${first}` : `${file}: ${details.join(" ")}`;
}

const [question, ...files] = process.argv.slice(2);
const [file = ""] = files;
try {
  const answer =
    question === "config" ? configOf(file) : files.map((path) => unstable_splitSqlQuery(readFileSync(path, "utf8")));
  process.stdout.write(`${JSON.stringify({ answer })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ refused: sentenceOf(error, file) })}\n`);
}
