/** Larry's folder: what actions read and write lies in it, and nothing outside of it. Files are replaced whole. */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { ActionError } from "../../agent/index.ts";

export class Workspace {
  readonly home: string;
  /** By path: the end of what changes it now. */
  readonly #changes = new Map<string, Promise<unknown>>();

  constructor(home: string) {
    this.home = resolve(home);
  }

  /** Throws for a path that leads out. */
  path(inside: string): string {
    const path = resolve(this.home, inside);
    const way = relative(this.home, path);
    if (way === "" || way.startsWith("..") || isAbsolute(way))
      throw new ActionError(`"${inside}" leads out of Larry's folder: use a path below it`, {
        type: "validation_error",
        retriable: false,
      });
    return path;
  }

  /** `undefined` where there is none. */
  async read(inside: string): Promise<string | undefined> {
    return textOf(this.path(inside));
  }

  /** One after the other: a change reads what the one before wrote. */
  async change<T>(inside: string, fn: () => Promise<T>): Promise<T> {
    const path = this.path(inside);
    const before = this.#changes.get(path);
    const made = (async () => {
      await before?.catch(() => {});
      return fn();
    })();
    this.#changes.set(path, made);
    try {
      return await made;
    } finally {
      if (this.#changes.get(path) === made) this.#changes.delete(path);
    }
  }

  /** A crash leaves the old text or the new one. */
  async write(inside: string, text: string): Promise<void> {
    const path = this.path(inside);
    await mkdir(dirname(path), { recursive: true });
    const fresh = join(dirname(path), `.${crypto.randomUUID()}.new`);
    const file = await open(fresh, "w");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  }

  /** On disk when it resolves. */
  async append(inside: string, line: string): Promise<void> {
    const path = this.path(inside);
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "a");
    try {
      await file.appendFile(`${line}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

export async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
