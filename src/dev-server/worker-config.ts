import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { askWrangler, WRANGLER_VERSION } from "./ask-wrangler.ts";
import { readJson, writeWhole } from "./whole-file.ts";

export interface WorkerConfig {
  /** Folder of wrangler's configuration. */
  readonly root: string;
  readonly name: string;
  /** The Worker's module. */
  readonly main?: string;
  /** What Miniflare needs to know about bindings, classes, assets and compatibility, as wrangler words it. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Which files beside the bundle are modules of another kind than JavaScript. */
  readonly rules: readonly { readonly type: string; readonly include: readonly string[] }[];
  /** `[vars]`, and over them what `.dev.vars` or `.env` says. */
  readonly variables: Readonly<Record<string, string>>;
  readonly databases: readonly { readonly binding: string; readonly migrations: string }[];
  readonly crons: readonly string[];
  /** Why the migrations of the configuration do not do for its classes of Durable Objects. */
  readonly migrationFault?: string;
  /** Whether a command of the project's own makes the sources: then only wrangler knows when they have changed. */
  readonly customBuild: boolean;
}

/** Of what is kept: another one is not read. */
const FORM = 2;

/** The files of variables beside a configuration, as wrangler looks for them. */
export function variableFiles(root: string): string[] {
  return readdirSync(root)
    .filter((name) => /^\.(?:dev\.vars|env)(?:\.|$)/.test(name))
    .map((name) => join(root, name));
}

/**
 * wrangler's configuration, read by wrangler's own reader: no binding is written twice. Its answer is kept in `cache`,
 * unless a file of variables lies beside it: what is secret is not copied.
 */
export async function readWorkerConfig(
  wranglerFile: string,
  cache: string,
): Promise<{ readonly config: WorkerConfig } | { readonly refused: string }> {
  const file = resolve(wranglerFile);
  const key = createHash("sha256")
    .update(`${FORM} ${WRANGLER_VERSION} ${file}\n`)
    .update(readFileSync(file))
    .digest("hex");
  const kept = join(cache, "config.json");
  const isKept = variableFiles(dirname(file)).length === 0;
  if (isKept) {
    const known = readJson<{ readonly key: string; readonly config: WorkerConfig }>(kept);
    if (known?.key === key) return { config: known.config };
  }
  const said = await askWrangler("config", [file]);
  if ("refused" in said) return said;
  const config = said.answer as WorkerConfig;
  if (isKept) writeWhole(kept, JSON.stringify({ key, config }));
  return { config };
}
