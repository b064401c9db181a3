/**
 * What the runtime says while a server starts. Lines that the launcher causes or says itself, in one sentence, are not shown:
 * its own question, workerd's complaints about classes of a module that threw, the Worker's copy of a refusal.
 */
import type { SourceLine } from "./readable-log.ts";
import { firstOwnLine } from "./readable-log.ts";

const THROWN = /Uncaught ([\s\S]*)/;
const MISSING_CLASS = /^A DurableObjectNamespace in the config referenced the class /;
const OWN_MESSAGES: ReadonlySet<unknown> = new Set([
  "this deployment cannot serve",
  "declared schedules wait for the cron handler",
]);

export class StartingLog {
  #isStarting = true;
  #thrown: string | undefined;

  /** Takes a line. Returns true when it is not to be shown. */
  hear(line: string): boolean {
    if (!this.#isStarting) return false;
    if (/^service core:user:/.test(line)) this.#thrown ??= THROWN.exec(line)?.[1];
    return this.#thrown !== undefined || MISSING_CLASS.test(line) || isOwn(line);
  }

  /** What the Worker's module threw when it was loaded: its words and its frames. */
  get thrown(): string | undefined {
    return this.#thrown;
  }

  /** From now on every line is shown. */
  started(): void {
    this.#isStarting = false;
  }
}

function isOwn(line: string): boolean {
  if (!line.startsWith('{"at":')) return false;
  try {
    const { message, path } = JSON.parse(line) as { readonly message?: unknown; readonly path?: unknown };
    return OWN_MESSAGES.has(message) || (message === "request" && path === "/health");
  } catch {
    return false;
  }
}

/** The Worker's module threw when it was loaded: the sentence is whole, with the line of the project's own source. */
export class ModuleThrew extends Error {
  constructor(thrown: string, sourceLine: SourceLine) {
    const frames = thrown.split("\n").map((line) => line.trim());
    const [words = "", ...places] = frames;
    const own = firstOwnLine(places, sourceLine);
    const lines = places.map((place) => (place === own?.frame ? `    ${place}\n    > ${own.text}` : `    ${place}`));
    super([`The Worker cannot be loaded, because one of its modules throws: ${words}`, ...lines].join("\n"));
  }
}
