import { describe, expect, it } from "vitest";
import { withNextObject } from "../../../src/actors/doors/given-up-objects.ts";
import { systemCaller } from "../../../src/domain/caller.ts";
import { GIVEN_UP, refuse } from "../../../src/domain/fault.ts";
import type { ExecutionDoor } from "../../../src/operations/ports.ts";

/** A door behind which the first so many calls break. */
function breaking(times: number, message = `${GIVEN_UP}: Error: disk full`) {
  const seen = { calls: 0 };
  const answer = async () => {
    seen.calls += 1;
    if (seen.calls <= times) throw new Error(message);
    return refuse("not_found", "there is no such execution");
  };
  const door = { view: answer, start: answer, tell: answer } as unknown as ExecutionDoor;
  return { seen, door: withNextObject(door) };
}
const caller = systemCaller("t");

describe("an object that is given up in the middle of a call", () => {
  it("costs a read or a start a second call, and no third", async () => {
    const once = breaking(1);
    expect(await once.door.view(caller, "exec_1")).toMatchObject({ code: "not_found" });
    expect(once.seen.calls).toBe(2);
    const twice = breaking(2);
    await expect(twice.door.start(caller, {} as never, { holdMs: 0 })).rejects.toThrow(GIVEN_UP);
    expect(twice.seen.calls).toBe(2);
  });

  it("is told to whoever sent a command: it may have been written", async () => {
    const told = breaking(1);
    await expect(told.door.tell(caller, "exec_1", { type: "cancel", by: "ann" })).rejects.toThrow(GIVEN_UP);
    expect(told.seen.calls).toBe(1);
  });

  it("is told apart from what else breaks a call", async () => {
    const other = breaking(1, "something else");
    await expect(other.door.view(caller, "exec_1")).rejects.toThrow("something else");
    expect(other.seen.calls).toBe(1);
  });
});
