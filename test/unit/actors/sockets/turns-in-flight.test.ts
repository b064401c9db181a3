/** The text of turns while it is written: what watchers lack, what a newcomer gets, and what ends it. */
import { expect, test } from "vitest";
import { TurnsInFlight } from "../../../../src/actors/sockets/turns-in-flight.ts";

const piece = (text: string, offset: number, attempt = 1) => ({ turn: "turn:1", try: attempt, offset, text });
const OTHER = { turn: "turn:2", try: 1, offset: 0, text: "other" };

test("watchers get what they lack, in one piece, once", () => {
  const turns = new TurnsInFlight();
  turns.add(piece("Hel", 0));
  turns.add(piece("lo", 3));
  expect(turns.untold()).toEqual([piece("Hello", 0)]);
  expect(turns.untold()).toEqual([]);
  turns.add(piece(" you", 5));
  expect(turns.untold()).toEqual([piece(" you", 5)]);
});

test("a newcomer gets all of it, told or not", () => {
  const turns = new TurnsInFlight();
  turns.add(piece("Hello", 0));
  turns.untold();
  turns.add(piece(" you", 5));
  turns.add(OTHER);
  expect(turns.texts()).toEqual([
    { turn: "turn:1", try: 1, text: "Hello you" },
    { turn: "turn:2", try: 1, text: "other" },
  ]);
});

test("a higher try begins anew, and an older one is not heard any more", () => {
  const turns = new TurnsInFlight();
  turns.add(piece("first", 0));
  turns.untold();
  turns.add(piece("second", 0, 2));
  turns.add(piece(" late", 5));
  expect(turns.untold()).toEqual([piece("second", 0, 2)]);
});

test("what has ended is forgotten", () => {
  const turns = new TurnsInFlight();
  turns.add(piece("one", 0));
  turns.add(OTHER);
  turns.end("turn:1");
  expect(turns.texts().map(({ turn }) => turn)).toEqual(["turn:2"]);
  turns.endAll();
  expect(turns.texts()).toEqual([]);
  expect(turns.untold()).toEqual([]);
});
