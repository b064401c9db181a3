/** What a refused sender still sends is read, within bounds: of bytes, of time, and of silence. */
import { Hono } from "hono";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Vars } from "../../../../src/http/requests/app.ts";
import { readTheRest } from "../../../../src/http/requests/read-the-rest.ts";

const MIB = 1_048_576;
/** Twice as much as any request may have. */
const MOST = 64 * MIB;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Sender {
  readonly pieces: number;
  readonly bytes: number;
  /** Between two pieces. */
  readonly everyMs?: number;
  /** After its pieces it says nothing, and does not end either. */
  readonly fallsSilent?: boolean;
  readonly declares?: number;
  readonly status?: number;
}

/** Sends, and tells what became of it. */
function send({ pieces, bytes, everyMs = 0, fallsSilent = false, declares, status = 413 }: Sender) {
  const seen = { pieces: 0, answered: 0, isCancelled: false };
  const piece = new Uint8Array(bytes);
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (seen.pieces === pieces && fallsSilent) return new Promise(() => {});
        if (seen.pieces === pieces) return controller.close();
        if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
        seen.pieces += 1;
        controller.enqueue(piece);
      },
      cancel() {
        seen.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const app = new Hono<{ Variables: Vars }>().use("*", readTheRest).post("/", (c) => c.text("", status as 413));
  const headers = declares === undefined ? {} : { "content-length": String(declares) };
  const init = { method: "POST", body, headers, duplex: "half" } as RequestInit;
  void Promise.resolve(app.request("/", init)).then((answer) => {
    seen.answered = answer.status;
  });
  return seen;
}
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("a refused sender is heard out, and then answered", async () => {
  const seen = send({ pieces: 20, bytes: MIB, everyMs: 10 });
  await after(150);
  expect(seen.answered).toBe(0);
  await after(100);
  expect(seen).toEqual({ pieces: 20, answered: 413, isCancelled: false });
});

test("one that goes silent is answered after half a second", async () => {
  const seen = send({ pieces: 3, bytes: 1, fallsSilent: true });
  await after(499);
  expect(seen).toMatchObject({ pieces: 3, answered: 0 });
  await after(1);
  expect(seen).toMatchObject({ answered: 413, isCancelled: true });
});

test("one that never ends is answered after five seconds, however often it says something", async () => {
  const seen = send({ pieces: Number.POSITIVE_INFINITY, bytes: 1, everyMs: 400 });
  await after(4_900);
  expect(seen.answered).toBe(0);
  await after(500);
  expect(seen.answered).toBe(413);
});

test("no more is read than twice what a request may have", async () => {
  const seen = send({ pieces: 80, bytes: MIB });
  await after(0);
  expect(seen).toMatchObject({ pieces: MOST / MIB, answered: 413 });
});

test.each<[string, Partial<Sender>, number]>([
  ["declares more than that", { declares: MOST + 1 }, 0],
  ["declares what is no number", { declares: Number.NaN }, 0],
  ["declares as much as that", { declares: MOST }, 2],
  ["is not refused", { status: 200 }, 0],
])("of one that %s so many pieces are read", async (_what, sender, pieces) => {
  const seen = send({ pieces: 2, bytes: 1, ...sender });
  await after(0);
  expect(seen).toMatchObject({ pieces, answered: sender.status ?? 413 });
});
