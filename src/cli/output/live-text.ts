import type { Paint } from "./style.ts";

const MARGIN = "       │ ";

/** What a model writes, on a terminal while it is written: dim, behind a bar. Other lines begin after `close`. */
export class LiveText {
  readonly #write: (text: string) => void;
  readonly #paint: Paint;
  #isOpen = false;
  /** Half of a character whose other half is still to come. */
  #half = "";

  constructor(write: (text: string) => void, paint: Paint) {
    this.#write = write;
    this.#paint = paint;
  }

  add(written: string): void {
    const whole = this.#half + written;
    this.#half = /[\ud800-\udbff]$/.exec(whole)?.[0] ?? "";
    const text = whole.slice(0, whole.length - this.#half.length);
    if (text === "") return;
    const begins = this.#isOpen ? "" : MARGIN;
    this.#isOpen = true;
    this.#write(this.#paint({ text: `${begins}${text.replaceAll("\n", `\n${MARGIN}`)}`, tone: "dim" }));
  }

  /** Ends the line that is open. */
  close(): void {
    this.#half = "";
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#write("\n");
  }
}
