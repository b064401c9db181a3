/**
 * What the tour prints, on a terminal or into a pipe.
 *
 * - On a terminal: colours, and one live last line (a spinner, a bar) that is wiped before anything else is printed.
 * - In a pipe: plain lines, no escape sequence, a bar every fifth part.
 */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const FRAME_MS = 80;
const BAR_CELLS = 28;
const EIGHTHS = " ▏▎▍▌▋▊▉";
const WIPE = "\r\u001b[2K";
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

export interface Bar {
  show(done: number, total: number): void;
  end(): void;
}

export class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #fancy: boolean;
  #shown = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(out: NodeJS.WriteStream, { fancy }: { readonly fancy: boolean }) {
    this.#out = out;
    this.#fancy = fancy;
  }

  style(style: Style, text: string): string {
    return this.#fancy ? styleText(style, text, { validateStream: false }) : text;
  }

  line(text = ""): void {
    this.#out.write(`${this.#shown === "" ? "" : WIPE}${text}\n`);
    if (this.#shown !== "") this.#out.write(this.#shown);
  }

  /** The heading of an act: a target, and in one line what it shows. */
  act(name: string, lesson: string): void {
    this.line();
    this.line(
      ` ${this.style(["bold", "cyan"], "▸")} ${this.style("bold", name.padEnd(34))} ${this.style("dim", lesson)}`,
    );
  }

  say(text: string): void {
    this.line(`     ${text}`);
  }

  good(text: string): void {
    this.line(`   ${this.style("green", "✔")} ${text}`);
  }

  bad(text: string): void {
    this.line(`   ${this.style("red", "✘")} ${text}`);
  }

  /** A spinner with its seconds while something is awaited. In a pipe the line is printed once, when it begins. */
  async during<T>(text: string, work: Promise<T>): Promise<T> {
    if (!this.#fancy) this.say(`${text} …`);
    const begunAt = Date.now();
    let turn = 0;
    const draw = () => {
      const seconds = ((Date.now() - begunAt) / 1_000).toFixed(1);
      const frame = FRAMES[turn++ % FRAMES.length] ?? "";
      this.#live(`   ${this.style("cyan", frame)} ${text} ${this.style("dim", `${seconds} s`)}`);
    };
    if (this.#fancy) {
      draw();
      this.#timer = setInterval(draw, FRAME_MS);
    }
    try {
      return await work;
    } finally {
      this.close();
    }
  }

  bar(unit: string): Bar {
    let fifth = 0;
    return {
      show: (done, total) => {
        const part = total > 0 ? done / total : 0;
        const percent = `${Math.floor(part * 100)} %`;
        const counted = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${unit}`;
        if (this.#fancy) {
          this.#live(`   ${this.style("cyan", cells(part))} ${percent.padStart(5)}  ${this.style("dim", counted)}`);
        } else if (Math.floor(part * 5) > fifth) {
          fifth = Math.floor(part * 5);
          this.say(`${percent.padStart(5)}  ${counted}`);
        }
      },
      end: () => this.close(),
    };
  }

  /** Columns as wide as their widest cell; the first row is the head. */
  table(rows: readonly (readonly string[])[]): void {
    const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
    rows.forEach((row, index) => {
      const cells = row.map((cell, column) => this.#cell(cell, { width: widths[column] ?? 0, isHead: index === 0 }));
      this.say(cells.join("   ").trimEnd());
    });
  }

  /** Wipes the live line and gives the cursor back. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#shown !== "") this.#out.write(WIPE + SHOW_CURSOR);
    this.#shown = "";
  }

  #cell(text: string, { width, isHead }: { readonly width: number; readonly isHead: boolean }): string {
    const padded = text.padEnd(width);
    if (isHead) return this.style("dim", padded);
    if (text.startsWith("✘")) return this.style("red", padded);
    return text.startsWith("✔") ? this.style("green", padded) : padded;
  }

  #live(text: string): void {
    this.#out.write(`${this.#shown === "" ? HIDE_CURSOR : WIPE}${text}`);
    this.#shown = text;
  }
}

function cells(part: number): string {
  const eighths = Math.round(part * BAR_CELLS * 8);
  const partly = eighths % 8 === 0 ? "" : (EIGHTHS[eighths % 8] ?? "");
  return `${"█".repeat(eighths >> 3)}${partly}`.padEnd(BAR_CELLS, "░");
}
