import { expect, test } from "vitest";
import { SharedBatches } from "../../../src/actors/parts/shared-batches.ts";

/** A receiver that answers when told, and a clock that rings when told. */
function made({ mostEntries = 50 } = {}) {
  const calls: {
    receiver: string;
    entries: readonly number[];
    answer: (errors: (string | null)[]) => void;
    lose: () => void;
  }[] = [];
  const rings: (() => void)[] = [];
  const batches = new SharedBatches<number>({
    send: (receiver, entries) => {
      const { promise, resolve, reject } = Promise.withResolvers<(string | null)[]>();
      calls.push({ receiver, entries, answer: resolve, lose: () => reject(new Error("not reached")) });
      return promise;
    },
    later: (_ms, fn) => void rings.push(fn),
    windowMs: 20,
    mostEntries,
  });
  const ring = () => {
    for (const fn of rings.splice(0)) fn();
  };
  return { batches, calls, ring };
}
const outcome = (added: Promise<void>) =>
  added.then(
    () => "taken",
    (error: Error) => error.message,
  );

test("what comes within the window is one call for each receiver, and each hears what became of its own", async () => {
  const { batches, calls, ring } = made();
  const added = [batches.add("x", 1), batches.add("y", 2), batches.add("x", 3)].map(outcome);
  expect(calls).toEqual([]);
  ring();
  expect(calls.map(({ receiver, entries }) => [receiver, entries])).toEqual([
    ["x", [1, 3]],
    ["y", [2]],
  ]);
  calls[0]?.answer([null, "it is full"]);
  calls[1]?.lose();
  expect(await Promise.all(added)).toEqual(["taken", "not reached", "it is full"]);
});

test("what comes after the window, or beyond a full batch, is a call of its own and waits for no other one", async () => {
  const { batches, calls, ring } = made({ mostEntries: 2 });
  const added = [1, 2, 3].map((entry) => outcome(batches.add("x", entry)));
  ring();
  const late = outcome(batches.add("x", 4));
  ring();
  expect(calls.map(({ entries }) => entries)).toEqual([[1, 2], [3], [4]]);
  calls[2]?.answer([null]);
  expect(await late).toBe("taken");
  for (const { answer } of calls) answer([null, null]);
  expect(await Promise.all(added)).toEqual(["taken", "taken", "taken"]);
});
