/** Where an execution stands that waits for a slot: its limiter is asked for views that show it, and for no others. */
import { expect, test } from "vitest";
import { withPlace } from "../../../../src/actors/executions/place-in-queue.ts";
import type { ExecutionView } from "../../../../src/domain/read-models/view.ts";

const state = {
  origin: { id: "e", tenant: "acme", queues: [{ name: "a/f", limit: 2 }] },
  slot: { epoch: 1, held: 0 },
};
const view = { state, why: { owner: "engine", sentence: "it is queued" } } as unknown as ExecutionView;

test("a view names its place, a brief one asks no limiter", async () => {
  let asked = 0;
  const report = async () => {
    asked += 1;
    return { waiting: 22, running: 2, limit: 2, paused: false, position: 12 };
  };
  const sentence = "12th of 22; 2 of 2 running under acme/a/f";
  expect((await withPlace(view, report)).why?.sentence).toBe(sentence);
  expect((await withPlace(view, report, { sinceSeq: 1, holdMs: 0 })).why?.sentence).toBe(sentence);
  expect(asked).toBe(2);
  expect(await withPlace(view, report, { brief: true })).toBe(view);
  expect(asked).toBe(2);
});

test("a limiter that does not answer leaves the view as it is", async () => {
  expect(await withPlace(view, () => Promise.reject(new Error("away")))).toBe(view);
});
