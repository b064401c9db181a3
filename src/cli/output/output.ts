/**
 * The one place that decides how things look: one document with `--json`, else lines for people.
 *
 * - Results go to stdout; words for people (plans, what to do next, failures) go to stderr.
 * - With `--json` stdout has exactly one document, of failures too; a stream has one a line, and a failure is its last line.
 * - A reader that has gone away ends the command quietly.
 */
import type { Result } from "../frame/command.ts";
import type { FailureKind } from "../frame/exits.ts";
import type { Failure, Next } from "../frame/failure.ts";
import { failureDocument } from "../frame/failure.ts";
import type { Block } from "./blocks.ts";
import { linesOf } from "./lines.ts";
import { LiveText } from "./live-text.ts";
import type { Page } from "./style.ts";
import { hasColours, jsonText, painter, widthOf } from "./style.ts";

/** Nothing went wrong: the command stops here. */
const STOPS: readonly FailureKind[] = ["needs_confirmation", "waits", "timeout", "interrupted"];

interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
}

export class Output {
  readonly json: boolean;
  /** Only where a person looks on: both streams are a terminal, and no document is wanted. */
  readonly live: LiveText | undefined;
  readonly #stdout: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;
  readonly #page: Page;
  readonly #words: Page;
  /** For eyes over more lines, for programs on one: so each line of a stream is a document. */
  readonly #indent: number | undefined;

  constructor({ stdout, stderr, env }: Streams, { json }: { readonly json: boolean }) {
    this.json = json;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#indent = stdout.isTTY === true ? 2 : undefined;
    this.#page = { paint: painter(hasColours(stdout, env)), width: widthOf(stdout, env) };
    this.#words = { paint: painter(hasColours(stderr, env)), width: widthOf(stderr, env) };
    const isWatched = !json && stdout.isTTY === true && stderr.isTTY === true;
    this.live = isWatched ? new LiveText((text) => stderr.write(text), this.#words.paint) : undefined;
  }

  result({ document, view, next = [], warnings = [] }: Result): void {
    for (const warning of warnings) this.say(`warning: ${warning}`);
    const steps = next.length > 0 ? { next_steps: next } : {};
    if (this.json) return this.#print(jsonText({ ...document, ...steps }, this.#indent));
    this.blocks(view);
    this.#showNext(next);
  }

  /** One item of a stream. */
  item(document: object, view: readonly Block[]): void {
    if (this.json) this.#print(jsonText(document));
    else this.blocks(view);
  }

  blocks(view: readonly Block[]): void {
    const lines = view.flatMap((block) => linesOf(block, this.#page));
    if (lines.length > 0) this.#print(lines.join("\n"));
  }

  plan(says: readonly string[]): void {
    for (const line of says) this.say(line);
  }

  failure(failure: Failure): void {
    if (this.json) return this.#print(jsonText(failureDocument(failure), this.#indent));
    const { causes = [], next = [] } = failure.told;
    const { paint } = this.#words;
    const mark = STOPS.includes(failure.kind) ? "" : `${paint({ text: "error:", tone: "bad" })} `;
    this.say(`${mark}${paint(failure.message)}`, "as it is");
    for (const cause of causes) this.say(`  ${cause}`);
    this.#showNext(next);
  }

  /** Words for people. Nothing with `--json`: a program that reads both streams as one reads documents alone. */
  say(text: string, painted?: "as it is"): void {
    this.live?.close();
    if (!this.json) this.#stderr.write(`${painted ? text : this.#words.paint(text)}\n`);
  }

  /** For who looks for a fault: with `--json` too. */
  debug(text: string): void {
    this.live?.close();
    this.#stderr.write(`${this.#words.paint({ text, tone: "dim" })}\n`);
  }

  /** Raw text that is no result of a command: help, the script of a shell. */
  raw(text: string): void {
    this.#print(text.replace(/\n$/, ""));
  }

  /** Waits until all is written. */
  async flush(): Promise<void> {
    const written = (stream: NodeJS.WriteStream) => new Promise<void>((done) => stream.write("", () => done()));
    await Promise.all([written(this.#stdout), written(this.#stderr)]);
  }

  #showNext(next: readonly Next[]): void {
    if (next.length === 0) return;
    const { paint } = this.#words;
    this.say("");
    this.say("Next:");
    for (const { command, description } of next)
      this.say(`  ${paint(command)}  ${paint({ text: `# ${description}`, tone: "dim" })}`, "as it is");
  }

  #print(text: string): void {
    this.live?.close();
    this.#stdout.write(`${text}\n`);
  }
}
