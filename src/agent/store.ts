/**
 * What an agent remembers of its own work beyond its process: so that an attempt that was interrupted is looked into by the
 * next process, a wait goes on, and a report that was not sent is sent.
 */
import * as z from "zod";
import { Json } from "../domain/values/json.ts";
import { AgentEvent, Work } from "./wire.ts";

/** `started`: `run` was begun. `waiting`: it waits for the outside. `ended`: its end is not reported yet. */
export const StoredWork = z.discriminatedUnion("phase", [
  z.object({ phase: z.literal("started"), work: Work }),
  z.object({ phase: z.literal("waiting"), work: Work, message: z.string(), for: Json }),
  z.object({ phase: z.literal("ended"), work: Work, end: AgentEvent }),
]);
export type StoredWork = z.infer<typeof StoredWork>;

/** Each call resolves when it is durable. One process at a time uses a store. */
export interface AgentStore {
  /** Another process finds what this one saved. */
  readonly isDurable: boolean;
  /** By the idempotency keys of the subtasks. */
  load(): Promise<Readonly<Record<string, unknown>>>;
  save(key: string, work: StoredWork): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Forgets with the process: the server then asks a person about what was begun and may not be done twice. */
export function memoryStore(): AgentStore {
  const works = new Map<string, StoredWork>();
  return {
    isDurable: false,
    load: async () => Object.fromEntries(works),
    save: async (key, work) => {
      works.set(key, work);
    },
    remove: async (key) => {
      works.delete(key);
    },
  };
}

/** A JSON file, for Node: written beside it and renamed, so that a crash leaves the old one or the new one. */
export function fileStore(path: string): AgentStore {
  let works = new Map<string, unknown>();
  let last: Promise<void> = Promise.resolve();
  const write = (): Promise<void> => {
    const text = JSON.stringify(Object.fromEntries(works));
    last = last.catch(() => {}).then(() => replace(path, text));
    return last;
  };
  return {
    isDurable: true,
    load: async () => {
      const read = worksIn(path, (await readText(path)) ?? "{}");
      works = new Map(Object.entries(read));
      return read;
    },
    save: (key, work) => {
      works.set(key, work);
      return write();
    },
    remove: (key) => {
      works.delete(key);
      return write();
    },
  };
}

function worksIn(path: string, text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (cause) {
    const what = `${path} is damaged: what this agent had begun is not known`;
    const instead = "move it away to start without it, and the server asks a person about what may not be done twice";
    throw new Error(`${what}; ${instead}`, { cause });
  }
}

async function readText(path: string): Promise<string | undefined> {
  const { readFile } = await import("node:fs/promises");
  return readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
}

async function replace(path: string, text: string): Promise<void> {
  const { mkdir, open, rename } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  await mkdir(dirname(path), { recursive: true });
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
