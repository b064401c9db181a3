/** What a called child takes from its caller beside run and budget. */
import { expect, test } from "vitest";
import { run, worldOf } from "../../support/simulator/small-world.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const HANDED_DOWN = { traceparent: TRACEPARENT, sessionId: "s", actorId: "ann", baseUrl: "https://errand.test" };

test.each([[HANDED_DOWN], [{}]])("a child and its child have of their root %j", async (origin) => {
  const programs = {
    main: (ctx) => ctx.call("a.child", 1),
    child: (ctx) => ctx.call("a.leaf", 2),
    leaf: async () => 3,
  } satisfies Parameters<typeof worldOf>[0]["now"];
  const world = worldOf({ now: programs }, origin);
  await run(world);
  let view = world.root.view;
  for (const fn of ["child", "leaf"]) {
    const started = view.events.find((event) => event.type === "child.started");
    if (started?.type !== "child.started") throw new Error("it called no child");
    view = world.store(started.data.childId).view;
    const { traceparent, sessionId, actorId, baseUrl, ...own } = view.state?.origin ?? {};
    expect(own).toMatchObject({ agent: "a", fn });
    expect({ traceparent, sessionId, actorId, baseUrl }).toEqual({ ...allOf(undefined), ...origin });
  }
});

const allOf = (value: undefined) => ({ traceparent: value, sessionId: value, actorId: value, baseUrl: value });
