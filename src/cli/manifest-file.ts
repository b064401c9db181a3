/** Files of this machine that go with a request: a manifest, and documents for skills. */
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { Failure } from "./frame/failure.ts";

/** What the server takes at most. */
const MOST_BYTES = 1_048_576;

/** Whether a word on the command line is a path: it has a slash, or ends as YAML or JSON do. */
export function isPath(word: string): boolean {
  return /[/\\]/.test(word) || /\.(ya?ml|json)$/i.test(word);
}

export function readTextFile(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new Failure("usage", `${path} has ${size} bytes; it may have ${MOST_BYTES}.`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Failure) throw error;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new Failure(isMissing ? "not_found" : "usage", `${path} ${isMissing ? "is not there" : "cannot be read"}.`);
  }
}

/** By the last part of each path, as skills name them. */
export function readFiles(paths: readonly string[]): { readonly [name: string]: string } {
  const texts = new Map<string, string>();
  for (const path of paths) {
    const name = basename(path);
    if (texts.has(name)) throw new Failure("usage", `Two files are called ${name}: a skill could not tell them apart.`);
    texts.set(name, readTextFile(path));
  }
  return Object.fromEntries(texts);
}
