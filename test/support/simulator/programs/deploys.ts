/**
 * Programs whose code is replaced in the middle, and comes back. Each version touches the outside under names of its own or
 * under shared ones; whatever is deployed when, some version carries the execution to its end, and nothing that was done is
 * done again (E3).
 */
import type { Context } from "../../../../src/define/context.ts";
import { isProgramChanged } from "../../../../src/domain/decide/program.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import type { Act } from "../people/act.ts";
import { approver, decider, resumer, truthful } from "../people/people.ts";
import type { Person } from "../sim-world.ts";
import { ROOT } from "../sim-world.ts";
import type { End, Program } from "./program.ts";
import { charge, child, put } from "./program.ts";

/** Tries this deployment's code where the program changed; where it does not fit either, the next version is deployed. */
const operator: Person = (world) =>
  [...world.stores].flatMap(([id, { view }]): Act[] => {
    const { state } = view;
    if (!state || !isProgramChanged(state)) return [];
    const deployment = `deployment ${world.deployments}`;
    if (state.triedBy === deployment) {
      const next = (world.version + 1) % world.versions;
      return [{ to: id, label: `deploys version ${next}`, run: () => world.deploy(next) }];
    }
    const run = () => world.dispatch(id, { type: "retry_program", deployment });
    return [{ to: id, label: `${deployment} tries ${id}`, run }];
  });

/** Every effect at most once; what was given and what was done are those of one version. */
const ofOneVersion =
  (versions: Readonly<Record<string, readonly string[]>>) =>
  ({ output, applied, status }: End) => {
    const again = Object.entries(applied).filter(([, times]) => times > 1);
    if (again.length > 0) return `done again: ${JSON.stringify(applied)}`;
    if (status !== "succeeded") return `ended ${status}`;
    const done = versions[JSON.stringify(output)];
    if (!done) return `gave ${JSON.stringify(output)}`;
    return done.join() === Object.keys(applied).join() ? undefined : `did ${Object.keys(applied).join()}`;
  };

type Run = Program["functions"][string];
const sleepy = (ctx: Context) => ctx.sleep(1_000);

const first: Run = async (ctx, tools) => {
  const one = await charge(ctx, tools, "one");
  await sleepy(ctx);
  return [one, await charge(ctx, tools, "two")];
};
const swapped: Run = async (ctx, tools) => {
  const two = await charge(ctx, tools, "two");
  await sleepy(ctx);
  return [await charge(ctx, tools, "one"), two];
};
const shorter: Run = async (ctx, tools) => {
  await sleepy(ctx);
  return charge(ctx, tools, "two");
};

/** What each version asks of people; only who was shown the amount has approved it. */
const paying =
  (amount: number): Run =>
  async (ctx, tools) => {
    const { decision } = await ctx.pause({ payload: { answer: "approved", amount } });
    await sleepy(ctx);
    await charge(ctx, tools, `pay ${amount}`);
    return `${decision} ${amount}`;
  };

/** Nobody pays what was not shown (P6). */
function shownOnly(end: End): string | undefined {
  const { events } = end.world.root.view;
  const shown = events.flatMap((event) => (event.type === "gate.opened" ? [JSON.stringify(event.data.payload)] : []));
  const paid = Object.keys(end.applied).filter((name) => !shown.some((text) => text.endsWith(`:${name.slice(4)}}`)));
  return paid.length === 0 ? undefined : `${paid.join()}, and only ${shown.join()} was shown`;
}

const inBetween: Run = async (ctx, tools) => {
  const one = await charge(ctx, tools, "one");
  const extra = await charge(ctx, tools, "extra");
  await sleepy(ctx);
  return [one, extra, await charge(ctx, tools, "two")];
};
/** The same as a change with an id: executions that are behind it keep the old way. */
const patched: Run = async (ctx, tools) => {
  const one = await charge(ctx, tools, "one");
  const extra = ctx.patched("extra") ? [await charge(ctx, tools, "extra")] : [];
  await sleepy(ctx);
  return [one, ...extra, await charge(ctx, tools, "two")];
};
const branches =
  (change: (ctx: Context, tools: Parameters<Run>[1], item: string) => Promise<readonly Json[]>): Run =>
  (ctx, tools) =>
    ctx.all(["a", "b"], String, async (item, branch) => {
      const before = await charge(branch, tools, `${item} before`);
      const extra = await change(branch, tools, item);
      return [before, ...extra, await charge(branch, tools, `${item} after`)];
    });
/** Gives up in its first breath. */
const hopeless: Run = async (ctx) => ctx.fail("hopeless", "this version does nothing");

const FIRST = { '["one!","two!"]': ["one", "two"] };

const deployed: readonly Program[] = [
  {
    name: "deploy-swaps-effects",
    functions: { main: first },
    later: [{ main: swapped }],
    agree: ofOneVersion(FIRST),
  },
  {
    name: "deploy-takes-an-effect-away",
    functions: { main: first },
    later: [{ main: shorter }],
    agree: ofOneVersion({ ...FIRST, '"two!"': ["two"] }),
  },
  {
    name: "deploy-puts-an-effect-in-between",
    functions: { main: first },
    later: [{ main: inBetween }],
    agree: ofOneVersion({ ...FIRST, '["one!","extra!","two!"]': ["extra", "one", "two"] }),
  },
  {
    name: "deploy-with-a-patch",
    functions: { main: first },
    later: [{ main: patched }],
    agree: ofOneVersion({ ...FIRST, '["one!","extra!","two!"]': ["extra", "one", "two"] }),
  },
  {
    name: "deploy-with-a-patch-in-branches",
    functions: { main: branches(async () => []) },
    later: [
      {
        main: branches(async (ctx, tools, item) =>
          ctx.patched("extra") ? [await charge(ctx, tools, `${item} extra`)] : [],
        ),
      },
    ],
    agree: ofOneVersion({
      '[["a before!","a after!"],["b before!","b after!"]]': ["a after", "a before", "b after", "b before"],
      '[["a before!","a extra!","a after!"],["b before!","b extra!","b after!"]]': [
        ...["a after", "a before", "a extra", "b after", "b before", "b extra"],
      ],
    }),
  },
  {
    name: "deploy-gives-up",
    functions: { main: first },
    later: [{ main: hopeless }],
    mayFail: true,
    // It fails where the log holds nothing that it would have to ask for.
    agree: (end) => {
      const asked = end.world.root.view.events.some(({ type }) => type === "step.started");
      return end.status === "failed" && !asked ? undefined : ofOneVersion(FIRST)(end);
    },
  },
  {
    name: "deploy-asks-for-more",
    people: [decider],
    functions: { main: paying(10) },
    later: [{ main: paying(10_000) }],
    agree: (end) =>
      shownOnly(end) ?? ofOneVersion({ '"approved 10"': ["pay 10"], '"approved 10000"': ["pay 10000"] })(end),
  },
  {
    name: "deploy-moves-the-dice",
    functions: {
      main: async (ctx, tools) => [await put(ctx, tools, "row"), typeof ctx.random(), await sleepy(ctx)],
    },
    later: [{ main: async (ctx, tools) => [typeof ctx.random(), await put(ctx, tools, "row"), await sleepy(ctx)] }],
    agree: ofOneVersion({ '["row!","number",null]': ["row"], '["number","row!",null]': ["row"] }),
  },
  {
    name: "changed-until-it-is-tried-again",
    functions: {
      // What it asks depends on something that its log does not hold, until an operator has seen to that.
      main: async (ctx, tools) => {
        const { trace, root } = tools.world;
        const isSeenTo = trace.some((line) => line.endsWith(`tries ${ROOT}`));
        if (!isSeenTo && root.view.events.some(({ type }) => type === "step.started")) await charge(ctx, tools, "odd");
        return first(ctx, tools);
      },
    },
    agree: ofOneVersion(FIRST),
  },
  {
    name: "deploy-without-the-function",
    functions: {
      main: async (ctx, tools) => [await child(ctx, "leaf"), await charge(ctx, tools, "end")],
      leaf: sleepyLeaf,
    },
    later: [{ other: async () => "nothing" }],
    agree: ofOneVersion({ '["leaf!","end!"]': ["end", "leaf"] }),
  },
];

async function sleepyLeaf(...[ctx, tools]: Parameters<Run>): Promise<unknown> {
  await sleepy(ctx);
  return charge(ctx, tools, "leaf");
}

export const DEPLOYS: readonly Program[] = deployed.map((program) => ({
  ...program,
  people: [...(program.people ?? []), truthful, resumer, approver, operator],
}));
