/** Indents JSON that comes in pieces, as JSON.stringify would with two spaces. What does not begin as JSON passes as it is. */
export class JsonIndent {
  #depth = 0;
  #place: "start" | "plain" | "between" | "in text" | "after backslash" = "start";
  /** A list or an object has begun, and nothing in it. */
  #isEmpty = false;

  add(piece: string): string {
    let shown = "";
    for (const character of piece) shown += this.#next(character);
    return shown;
  }

  #next(character: string): string {
    switch (this.#place) {
      case "plain":
        return character;
      case "after backslash":
        this.#place = "in text";
        return character;
      case "in text":
        if (character === "\\") this.#place = "after backslash";
        if (character === '"') this.#place = "between";
        return character;
      case "start":
        if (/\s/.test(character)) return "";
        this.#place = /[{[]/.test(character) ? "between" : "plain";
        return this.#place === "plain" ? character : this.#between(character);
      case "between":
        return this.#between(character);
    }
  }

  #between(character: string): string {
    if (/\s/.test(character)) return "";
    if (/[}\]]/.test(character)) {
      this.#depth = Math.max(0, this.#depth - 1);
      const shown = this.#isEmpty ? character : `${this.#newLine()}${character}`;
      this.#isEmpty = false;
      return shown;
    }
    const first = this.#isEmpty ? this.#newLine() : "";
    this.#isEmpty = /[{[]/.test(character);
    if (this.#isEmpty) this.#depth += 1;
    if (character === '"') this.#place = "in text";
    if (character === ",") return `,${this.#newLine()}`;
    return `${first}${character}${character === ":" ? " " : ""}`;
  }

  #newLine(): string {
    return `\n${"  ".repeat(this.#depth)}`;
  }
}
