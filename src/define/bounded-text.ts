/** Bodies of answers as text, read no further than a bound: who answers may send without end. */

/** `undefined` when it has more than `mostBytes` bytes; the rest is not read. Rejects when the connection breaks. */
export async function boundedText({ body }: Response, mostBytes: number): Promise<string | undefined> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let left = mostBytes; reader; ) {
    const { value, done } = await reader.read();
    if (done) break;
    left -= value.byteLength;
    if (left < 0) {
      await reader.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}
