/** The `data` of each event of a text/event-stream, as it arrives. Comments, names and ids are left out. */
export async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  try {
    for (let done = false; !done; ) {
      const read = await reader.read();
      done = read.done;
      rest += read.done ? `${decoder.decode()}\n\n` : decoder.decode(read.value, { stream: true });
      // A carriage return at the end may be half of a line ending.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
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
