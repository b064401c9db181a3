/** A manifest as a file of this machine. */
import { readFileSync, statSync } from "node:fs";
import { Failure } from "./frame/failure.ts";

/** What the server takes at most. */
const MOST_BYTES = 1_048_576;

/** Whether a word on the command line is a path: it has a slash, or ends as YAML or JSON do. */
export function isPath(word: string): boolean {
  return /[/\\]/.test(word) || /\.(ya?ml|json)$/i.test(word);
}

export function readManifestFile(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new Failure("usage", `${path} has ${size} bytes; a manifest may have ${MOST_BYTES}.`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Failure) throw error;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new Failure(isMissing ? "not_found" : "usage", `${path} ${isMissing ? "is not there" : "cannot be read"}.`);
  }
}
