/** A process died in the middle of a program: the first who looks at the execution has its alarm set for now. */
import { describe, expect, it } from "vitest";
import { OneExecution } from "../../support/one-execution.ts";

const NEVER = new Promise<never>(() => {});

/** Its messages are taken; nothing is owed to anybody after a moment. */
async function inTheMiddle(): Promise<OneExecution> {
  let begun = false;
  const one = new OneExecution((ctx) =>
    ctx.effect("slow", null, { idempotent: true }, () => {
      begun = true;
      return NEVER;
    }),
  );
  one.start();
  while (!begun) await new Promise((resolve) => setImmediate(resolve));
  return one;
}

describe("an execution that is looked at after its process has died", () => {
  it("is woken at once when it was interrupted, and not at its heartbeat, nor when a message is due", async () => {
    const one = await inTheMiddle();
    expect(one.alarmAtMs).toBeGreaterThan(Date.now() + 1_000);
    const object = one.open();
    await object.flush();
    expect(one.alarmAtMs).toBeLessThanOrEqual(Date.now());
    await object.onAlarm();
    while (object.journal.committed?.recoveries !== 1) await new Promise((resolve) => setImmediate(resolve));
    expect(one.alarmAtMs).toBeGreaterThan(Date.now());
  });

  it("keeps its alarm when it was at rest", async () => {
    const one = new OneExecution((ctx) => ctx.signal("never"));
    const object = one.start();
    while (object.journal.committed?.suspended === undefined) await new Promise((resolve) => setImmediate(resolve));
    await one.open().flush();
    expect(one.alarmAtMs).toBeGreaterThan(Date.now() + 1_000);
  });
});
