/** The `data` of each event of a text/event-stream, as it arrives. Comments, names and ids are left out. */
export async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const lines = new LineReader();
  let data: string[] = [];
  try {
    for (let done = false; !done; ) {
      const read = await reader.read();
      done = read.done;
      const text = read.done ? `${decoder.decode()}\n\n` : decoder.decode(read.value, { stream: true });
      for (const line of lines.read(text)) {
        if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
        else if (line === "" && data.length > 0) {
          yield data.join("\n");
          data = [];
        }
      }
    }
  } finally {
    // A reader that stops early lets go of the connection; after the end this does nothing.
    await reader.cancel().catch(() => {});
  }
}

/** Whole lines out of pieces. Each piece is looked through once, however long the line is that it belongs to. */
class LineReader {
  /** The line that has not ended yet. */
  #open: string[] = [];
  /** A carriage return at the end of a piece may be half of a line ending. */
  #half = "";

  read(piece: string): string[] {
    const text = this.#half + piece;
    this.#half = text.endsWith("\r") ? "\r" : "";
    const [first = "", ...next] = text.slice(0, text.length - this.#half.length).split(/\r\n|\n|\r/);
    this.#open.push(first);
    const lines: string[] = [];
    for (const begin of next) {
      lines.push(this.#open.join(""));
      this.#open = [begin];
    }
    return lines;
  }
}
