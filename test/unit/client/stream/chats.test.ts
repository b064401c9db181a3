/** The typed client's side of a conversation: what it does not send at all. */
import { expect, test } from "vitest";
import { createClient } from "../../../../src/client/index.ts";

test("a text that no server takes is refused before it is kept to be sent again", () => {
  class WebSocket {}
  const chat = createClient({ baseUrl: "http://localhost:1", WebSocket: WebSocket as never }).chat("s", "desk");
  expect(chat.send("x".repeat(100_000))).toMatch(/^[0-9a-f-]{36}$/);
  for (const text of ["", "x".repeat(100_001)])
    expect(() => chat.send(text)).toThrow(
      new RangeError(`text: a message has 1 to 100000 characters, and this one has ${text.length}`),
    );
});
