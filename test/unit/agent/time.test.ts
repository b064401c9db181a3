/** Waits of the kit. */
import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { rest } from "../../../src/agent/time.ts";

describe("a rest", () => {
  it("is over in time, or when it is aborted, and leaves no listener at a signal that lives on", async () => {
    const signals = new AbortController();
    await rest(1, signals.signal);
    expect(getEventListeners(signals.signal, "abort")).toEqual([]);
    const long = rest(3_600_000, signals.signal);
    signals.abort();
    await long;
    await rest(3_600_000, signals.signal);
    expect(getEventListeners(signals.signal, "abort")).toEqual([]);
  });
});
