/** Reading a body whose length nobody said. */
import { describe, expect, it } from "vitest";
import { refuse } from "../../../../src/domain/values/fault.ts";
import { readBytes } from "../../../../src/http/requests/body.ts";

const MOST = 300_000;
const bound = { most: MOST, refusal: refuse("payload_too_large", "too large") };

/** Chunks of these sizes, all of them written into one buffer of the sender's: whoever keeps one has the last in its place. */
function sent(sizes: Iterable<number>): Request {
  const lent = new Uint8Array(MOST);
  let at = 0;
  const all = sizes[Symbol.iterator]();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { done, value: size = 0 } = all.next();
        if (done) return controller.close();
        for (let index = 0; index < size; index += 1) lent[index] = (at + index) % 251;
        at += size;
        controller.enqueue(lent.subarray(0, size));
      },
    },
    { highWaterMark: 0 },
  );
  return new Request("https://errand.test/", { method: "POST", body, duplex: "half" } as RequestInit);
}

describe("a body in chunks", () => {
  it.each<[string, readonly number[]]>([
    ["nothing", []],
    ["one byte at a time", Array.from({ length: 50_000 }, () => 1)],
    ["one that is as large as may be", [MOST]],
    ["uneven ones", [1, 16_383, 1, 16_384, 100_000, 7, 50_000]],
  ])("is read as it was sent, and no chunk is kept: %s", async (_what, sizes) => {
    const read = await readBytes(sent(sizes), bound);
    if (!read.ok) throw new Error(read.detail);
    const length = sizes.reduce((sum, size) => sum + size, 0);
    expect(read.value).toHaveLength(length);
    expect(read.value.every((byte, at) => byte === at % 251)).toBe(true);
  });

  it("is refused at the first byte too many, and nothing more is asked for", async () => {
    let asked = 0;
    function* endless() {
      for (;;) {
        asked += 1;
        yield 1_000;
      }
    }
    expect(await readBytes(sent(endless()), bound)).toBe(bound.refusal);
    expect(asked).toBeLessThan(MOST / 1_000 + 5);
  });
});
