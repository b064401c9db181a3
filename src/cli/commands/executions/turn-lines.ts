import type { DeltaFrame } from "../../../contract/stream/frames.ts";
import type { Block } from "../../output/blocks.ts";
import { text, toned } from "../../output/blocks.ts";

/** What models write while they write it, line by line. */
export class TurnLines {
  readonly #begun = new Map<string, string>();

  add({ turn, text: written }: DeltaFrame): Block[] {
    const lines = `${this.#begun.get(turn) ?? ""}${written}`.split("\n");
    this.#begun.set(turn, lines.pop() ?? "");
    return lines.map(shown);
  }

  /** The line that has no end yet. */
  end(turn: string): Block[] {
    const rest = this.#begun.get(turn) ?? "";
    this.#begun.delete(turn);
    return rest === "" ? [] : [shown(rest)];
  }
}

function shown(line: string): Block {
  return text(toned("dim", `       │ ${line}`));
}
