/** Frames as texts: one each, or several events in one for readers that take batches. */
import { expect, test } from "vitest";
import { bySize, outgoing, textsOf } from "../../../src/contract/stream/frame-texts.ts";
import type { Frame } from "../../../src/contract/stream/frames.ts";
import { StreamFrame, unfolded } from "../../../src/contract/stream/frames.ts";

const at = "2026-01-01T00:00:00.000Z";
const event = (seq: number, m = "ü"): Frame => ({
  type: "event",
  event: { seq, type: "note.added", at, actor: "program", v: 1, data: { m } },
});
const delta = (offset: number): Frame => ({ type: "delta", turn: "t", try: 1, offset, text: "x" });
const read = (texts: readonly string[]) => texts.map((text) => StreamFrame.parse(JSON.parse(text)));

test("each frame is one text for whoever takes no batches", () => {
  const frames = [event(1), event(2), delta(0)];
  expect(read(textsOf(frames.map(outgoing), "plain"))).toEqual(frames);
});

test("events that follow each other are one frame; one alone, and whatever stands between, stays what it is", () => {
  const frames = [event(1), event(2), event(3), delta(0), event(4), delta(1), event(5), event(6)];
  const folded = read(textsOf(frames.map(outgoing), "batched"));
  expect(folded.map(({ type }) => type)).toEqual(["events", "delta", "event", "delta", "events"]);
  expect(folded.flatMap(unfolded)).toEqual(frames);
});

test("a batch ends with the event that makes it 64 KiB: no reader gets its whole room in one frame", () => {
  const frames = Array.from({ length: 40 }, (_, index) => event(index + 1, "x".repeat(10_000)));
  const texts = textsOf(frames.map(outgoing), "batched");
  expect(read(texts).flatMap(unfolded)).toEqual(frames);
  expect(texts).toHaveLength(6);
  for (const text of texts) expect(text.length).toBeLessThan(75 * 1024);
});

test("a long log is taken part by part", () => {
  let taken = 0;
  const log = function* log() {
    for (taken = 1; taken < 1_000; taken += 1) yield outgoing(event(taken, "x".repeat(30_000)));
  };
  const { value } = bySize(log()).next();
  expect(value).toHaveLength(3);
  expect(taken).toBe(3);
});
