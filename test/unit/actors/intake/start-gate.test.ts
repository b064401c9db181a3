import { expect, it } from "vitest";
import { StartGate } from "../../../../src/actors/intake/start-gate.ts";

/** A gate with so much room; `free` gives more, and lets time pass. */
function gateWith(room: number) {
  let left = room;
  let due: (() => void)[] = [];
  const gate = new StartGate({
    enters: () => {
      left -= 1;
      if (left >= 0) return true;
      left = 0;
      return false;
    },
    pause: () => new Promise((resolve) => due.push(resolve)),
  });
  const entered: string[] = [];
  const enter = (tenant: string, id: string) => {
    const waits = gate.room(tenant, id);
    if (waits === undefined) entered.push(id);
    else void waits.then(() => entered.push(id));
  };
  const free = async (more: number) => {
    left += more;
    for (const fn of due.splice(0)) fn();
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  /** The timers that stand now never go off. */
  const lose = () => {
    due = [];
  };
  return { enter, entered, free, lose };
}

it("lets in at once what finds room, and later what does not", async () => {
  const { enter, entered, free } = gateWith(2);
  for (const id of ["a1", "a2", "a3"]) enter("a", id);
  expect(entered).toEqual(["a1", "a2"]);
  await free(0);
  expect(entered).toEqual(["a1", "a2"]);
  await free(1);
  expect(entered).toEqual(["a1", "a2", "a3"]);
});

it("goes round the tenants that wait: a quiet one does not wait for a flood", async () => {
  const { enter, entered, free } = gateWith(0);
  for (let n = 1; n <= 5; n += 1) enter("loud", `l${n}`);
  enter("quiet", "q1");
  await free(2);
  expect(entered).toEqual(["l1", "q1"]);
  enter("quiet", "q2");
  for (let n = 0; n < 6; n += 1) await free(1);
  expect(entered.slice(2, 4).toSorted()).toEqual(["l2", "q2"]);
  expect(entered.filter((id) => id.startsWith("l"))).toEqual(["l1", "l2", "l3", "l4", "l5"]);
});

it("is not held up by a waiting start whose timers died with its object", async () => {
  const { enter, entered, free, lose } = gateWith(0);
  enter("a", "a1");
  lose();
  enter("b", "b1");
  for (let n = 0; n < 3; n += 1) await free(1);
  expect(entered).toEqual(["b1"]);
});

it("lets no newcomer past one that waits, though there is room when it comes", async () => {
  const { enter, entered, free, lose } = gateWith(0);
  enter("a", "a1");
  lose();
  await free(1);
  enter("b", "b1");
  // The room is the first one's, whose own timer will not tell it so.
  await free(0);
  expect(entered).toEqual([]);
  await free(1);
  expect(entered).toEqual(["b1"]);
});
