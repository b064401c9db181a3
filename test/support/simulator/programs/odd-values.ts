/**
 * Programs that hand odd numbers, texts and sizes to every verb, and programs that break the rules of the verbs. The same
 * seed hands over the same values; whatever crashes, each call ends as it does undisturbed.
 */
import type { Context } from "../../../../src/define/context.ts";
import { StepError } from "../../../../src/define/errors.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import { approver, decider, resumer, truthful } from "../people/people.ts";
import { seeded } from "../random.ts";
import type { OddVerb } from "./odd-verbs.ts";
import { ODD_VERBS } from "./odd-verbs.ts";
import type { End, Program } from "./program.ts";
import { charge, put } from "./program.ts";

const CALLS = 4;
const STILL_OPEN = "still open";

/** Made anew at each use: some of them are objects. */
const ODD: readonly (() => unknown)[] = [
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => Number.NEGATIVE_INFINITY,
  () => -0,
  () => -1,
  () => 0,
  () => 0.5,
  () => 5e-324,
  () => 1e300,
  () => 2 ** 31,
  () => 2 ** 53,
  () => 8.64e15 + 1,
  () => 253_402_300_800_000,
  () => "",
  () => " ",
  () => "a/b#2[x]%2f",
  () => "__proto__",
  () => "constructor",
  () => "\u0000",
  () => "\ud800",
  () => "x".repeat(1_025),
  () => "é".repeat(100_000),
  () => null,
  () => undefined,
  () => true,
  () => [],
  () => ({}),
  () => Object.assign([1, 2, 3], { 1: undefined }),
  () => new Array(3),
  () => JSON.parse('{"__proto__": {"polluted": true}}') as unknown,
  () => new Date(0),
  () => new Date(Number.NaN),
  () => 10n,
  () => Symbol("odd"),
  () => () => "a function",
  () => new Map([["a", 1]]),
  () => circular(),
  () => deep(60),
  () => ({
    toJSON() {
      throw new Error("no JSON");
    },
  }),
  () => Object.freeze({ frozen: Object.freeze([1]) }),
  () => new Error("an error", { cause: circular() }),
];

function circular(): unknown {
  const round: Record<string, unknown> = {};
  round.self = round;
  return round;
}

function deep(levels: number): unknown {
  let value: unknown = "bottom";
  for (let level = 0; level < levels; level += 1) value = { value };
  return value;
}

const codeOf = (error: unknown) => (error instanceof StepError ? error.code : "an error");
const outcomeOf = (made: unknown): Promise<Json> =>
  Promise.resolve(made).then(
    () => "done",
    (error: unknown) => codeOf(error),
  );

/** Each call has a minute; what takes longer is left open. */
async function oddCalls(ctx: Context, seed: number): Promise<Json> {
  const draw = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;
  const verbs = Object.entries(ODD_VERBS) as [string, OddVerb][];
  const outcomes: Json[] = [];
  for (let count = 0; count < CALLS; count += 1) {
    const [name, verb] = pick(verbs);
    const args = { a: pick(ODD)(), b: pick(ODD)(), c: pick(ODD)() };
    const made = new Promise((resolve) => resolve(verb(ctx, args as never)));
    const minute = ctx.sleep(60_000, { name: `minute ${count}` }).then(() => STILL_OPEN);
    outcomes.push(`${name}: ${String(await Promise.race([outcomeOf(made), minute]))}`);
  }
  return outcomes;
}

/** What a minute was too short for may have come in time elsewhere. */
function sameCalls({ output }: End, { output: undisturbed }: End): string | undefined {
  if (!Array.isArray(output) || !Array.isArray(undisturbed))
    return JSON.stringify(output) === JSON.stringify(undisturbed) ? undefined : `gave ${JSON.stringify(output)}`;
  const differs = output.find((said, at) => {
    const other = undisturbed[at];
    const isOpen = [said, other].some((one) => String(one).endsWith(STILL_OPEN));
    return said !== other && !isOpen;
  });
  return differs === undefined ? undefined : `${String(differs)}, and undisturbed ${JSON.stringify(undisturbed)}`;
}

const odd: readonly Program[] = [
  {
    name: "odd-values",
    people: [decider],
    functions: {
      main: (ctx, { world }) => oddCalls(ctx, world.seed),
      child: async () => "child",
    },
    perSeed: true,
    agreeWith: sameCalls,
  },
  {
    name: "broken-rules",
    output: ["not_a_program", "duplicate_key", "duplicate_key", "one!", "two!"],
    functions: {
      main: async (ctx, tools) => {
        const inside = ctx.step("outer", async () => {
          await Promise.resolve();
          return ctx.step("inner", () => 1);
        });
        const asked = await inside.then(String, codeOf);
        const one = charge(ctx, tools, "one");
        const twice = await charge(ctx, tools, "one").then(String, codeOf);
        const branches = ctx.all(
          [1, 2],
          () => "same",
          async (item) => item,
        );
        const same = await branches.then(String, codeOf);
        return [asked, twice, same, await one, await put(ctx, tools, "two")];
      },
    },
  },
  {
    name: "kills-its-process",
    output: "budget_exceeded",
    functions: {
      main: async (ctx, tools) => {
        await put(ctx, tools, "before");
        tools.world.trace.push("KILLS ITSELF");
        tools.world.crash([ctx.executionId]);
        return ctx.sleep(60_000);
      },
    },
    // Each death is on disk before the next run. A decision and the end of a step count as progress, a death while it is paused
    // not at all, nor one of an object that was given up, and another deployment begins to count anew.
    always: ({ world }) => {
      const deaths = world.trace.filter((line) => line === "KILLS ITSELF").length;
      const givenUp = world.trace.filter((line) => line.startsWith("GIVEN UP")).length;
      const times = (wanted: string) => world.root.view.events.filter(({ type }) => type === wanted).length;
      const most =
        6 * (1 + times("gate.opened") + times("step.completed") + world.deployments) +
        times("execution.paused") +
        givenUp;
      return deaths > most ? `it killed its process ${deaths} times` : undefined;
    },
  },
];

export const ODD_PROGRAMS: readonly Program[] = odd.map((program) => ({
  ...program,
  people: [...(program.people ?? []), truthful, resumer, approver],
}));
