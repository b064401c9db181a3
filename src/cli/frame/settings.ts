/**
 * Where the command takes its settings from, the first that has one: flag, environment, the project's `errand.json`, the user's
 * `errand/config.json` below XDG_CONFIG_HOME (~/.config).
 *
 * - A key is never an argument (others on the machine would read it) and never in the project's file (which is shared).
 * - The user's file names a key by the server that it is for: a project that names another server never gets it.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import { Failure } from "./failure.ts";

type Source = "flag" | "environment" | "project" | "user" | "default";
interface Setting<T> {
  readonly value: T;
  readonly from: Source;
}

export interface Settings {
  readonly url: Setting<string>;
  readonly key: Setting<string> | undefined;
  readonly isDebug: boolean;
  readonly projectFile: string | undefined;
  readonly userFile: string;
}

export interface Asked {
  readonly url?: string | undefined;
  readonly log?: string | undefined;
}

const DEFAULT_URL = "http://127.0.0.1:8787";
const LOGS = ["debug", "info", "warn", "error"] as const;

const Url = z.url({
  protocol: /^https?$/,
  error: "must be an http or https address such as https://errand.example.com",
});
const Log = z.enum(LOGS, `must be one of ${LOGS.join(", ")}`);
const KEY = z.string().regex(/^[\x21-\x7e]{8,512}$/, "must be a key: 8 to 512 visible characters without spaces");

const ProjectFile = z.strictObject({ $schema: z.string().optional(), url: Url.optional(), log: Log.optional() });
const UserFile = z.strictObject({
  $schema: z.string().optional(),
  url: Url.optional(),
  log: Log.optional(),
  keys: z.record(Url, KEY).default({}),
});

interface World {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** Throws a failure that names the file, the variable or the flag that is wrong. */
export function readSettings(asked: Asked, { env, cwd }: World): Settings {
  const projectFile = findProjectFile(cwd);
  const project = projectFile === undefined ? undefined : readFile(projectFile, ProjectFile);
  const userFile = userFileOf(env);
  const user = existsSync(userFile) ? readUserFile(userFile) : undefined;
  const url = first(
    { from: "flag", value: checked(asked.url, Url, "--url") },
    { from: "environment", value: checked(env.ERRAND_URL, Url, "ERRAND_URL") },
    { from: "project", value: project?.url },
    { from: "user", value: user?.url },
  ) ?? { value: DEFAULT_URL, from: "default" };
  const key = first(
    { from: "environment", value: checked(env.ERRAND_API_KEY, KEY, "ERRAND_API_KEY") },
    { from: "user", value: user && keyFor(url.value, user.keys) },
  );
  const log = first(
    { from: "flag", value: checked(asked.log, Log, "--log") },
    { from: "environment", value: checked(env.ERRAND_LOG, Log, "ERRAND_LOG") },
    { from: "project", value: project?.log },
    { from: "user", value: user?.log },
  );
  return { url, key, isDebug: log?.value === "debug", projectFile, userFile };
}

function userFileOf({ XDG_CONFIG_HOME: xdg }: NodeJS.ProcessEnv): string {
  // A relative one is to be ignored: freedesktop.org's base directory specification.
  return join(xdg?.startsWith("/") ? xdg : join(homedir(), ".config"), "errand/config.json");
}

function first<T>(...settings: readonly { readonly from: Source; readonly value: T | undefined }[]) {
  for (const { from, value } of settings) if (value !== undefined) return { from, value };
  return undefined;
}

function checked<T>(given: string | undefined, schema: z.ZodType<T>, name: string): T | undefined {
  if (given === undefined || given === "") return undefined;
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  // The value may be a key: it is not repeated.
  throw new Failure("usage", `${name} ${parsed.error.issues[0]?.message}.`);
}

function keyFor(url: string, keys: Readonly<Record<string, string>>): string | undefined {
  const { origin } = new URL(url);
  return Object.entries(keys).find(([server]) => new URL(server).origin === origin)?.[1];
}

/** In this folder or above it, up to the folder of the project (the first with a package.json or a repository). */
function findProjectFile(folder: string): string | undefined {
  const file = join(folder, "errand.json");
  if (existsSync(file)) return file;
  const isProject = existsSync(join(folder, "package.json")) || existsSync(join(folder, ".git"));
  const above = dirname(folder);
  return isProject || above === folder ? undefined : findProjectFile(above);
}

function readUserFile(path: string): z.infer<typeof UserFile> {
  const { mode } = statSync(path);
  if (process.platform !== "win32" && (mode & 0o077) !== 0)
    throw new Failure("usage", `${path} may hold keys, and others on this machine can read it.`, {
      next: [{ command: `chmod 600 ${path}`, description: "makes it yours alone" }],
    });
  return readFile(path, UserFile);
}

function readFile<T>(path: string, schema: z.ZodType<T>): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    throw new Failure("usage", `${path} is not JSON.`);
  }
  const read = schema.safeParse(parsed);
  if (read.success) return read.data;
  const causes = read.error.issues.map(({ path: at, message }) => `${at.length ? `${at.join(".")}: ` : ""}${message}`);
  throw new Failure("usage", `${path} does not fit.`, { causes });
}
