/**
 * P4 against an outside witness: drawn programs of turns, branches and children under drawn budgets run in the simulator
 * with drawn crashes. The provider's own books say what was really paid, also for answers that nobody heard.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProgramContext } from "../../src/define/program-context.ts";
import type { Json } from "../../src/domain/values/json.ts";
import type { Harm } from "../support/simulator/harms.ts";
import { resumer } from "../support/simulator/people/people.ts";
import { join } from "../support/simulator/programs/joins.ts";
import type { Program } from "../support/simulator/programs/program.ts";
import type { Bill } from "../support/simulator/providers/spending.ts";
import { Books, misspent } from "../support/simulator/providers/spending.ts";
import type { Outcome, Point } from "../support/simulator/schedule.ts";
import { runSchedule } from "../support/simulator/schedule.ts";
import type { SimWorld } from "../support/simulator/sim-world.ts";

type Node =
  | { readonly kind: "ask"; readonly bill: Omit<Bill, "at">; readonly maxTokens: number; readonly optional: boolean }
  | { readonly kind: "sleep"; readonly ms: number }
  | { readonly kind: "all" | "left"; readonly nodes: readonly Node[] }
  | {
      /** `join`: it comes by itself, naming the execution as its parent, which does not wait for it. */
      readonly kind: "call" | "join";
      readonly budget: Record<string, number>;
      readonly nodes: readonly Node[];
    };

/** A budget says nothing about half of the dimensions: then there is time for something else to go wrong. */
const now = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const dollars = fc.nat(1_000).map((thousandths) => thousandths / 1_000);
const share = {
  maxTurns: now(fc.nat(16)),
  maxTokens: now(fc.nat(1_200)),
  maxCostUsd: now(dollars),
  maxChildren: now(fc.nat(6)),
};
const withoutGaps = (given: object) => JSON.parse(JSON.stringify(given)) as Record<string, number>;
const limits = fc.record({ ...share, maxDurationMs: now(fc.integer({ min: 1, max: 300_000 })) }).map(withoutGaps);

const ask: fc.Arbitrary<Node> = fc
  .record({
    bound: fc.nat(40),
    read: fc.nat(100),
    maxTokens: fc.integer({ min: 1, max: 60 }),
    written: fc.nat(100),
    failures: fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 9),
    charged: fc.boolean(),
    priced: fc.constantFrom(true, true, true, true, true, false),
    optional: fc.constantFrom(false, false, true),
  })
  .map(({ bound, read, maxTokens, written, optional, ...bill }) => ({
    kind: "ask",
    bill: { ...bill, bound, input: Math.floor((bound * read) / 100), output: Math.floor((maxTokens * written) / 100) },
    maxTokens,
    optional,
  }));

const { tree } = fc.letrec<{ tree: Node; nodes: Node[] }>((tie) => ({
  nodes: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
  tree: fc.oneof(
    { maxDepth: 3, depthIdentifier: "tree" },
    { arbitrary: ask, weight: 4 },
    {
      arbitrary: fc.record({ kind: fc.constant("sleep" as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
      weight: 1,
    },
    {
      arbitrary: fc.record({ kind: fc.constantFrom("all" as const, "left" as const), nodes: tie("nodes") }),
      weight: 2,
    },
    {
      arbitrary: fc.record({
        kind: fc.constantFrom("call" as const, "join" as const),
        budget: fc.record(share).map(withoutGaps),
        nodes: tie("nodes"),
      }),
      weight: 3,
    },
  ),
}));

const HARMS: readonly Harm[] = ["crash", "crash", "kill", "kill", "evict", "pause", "cancel", "outage"];
const point: fc.Arbitrary<Point> = fc.record({ harm: fc.constantFrom(...HARMS), tick: fc.nat(60) });
const drawn = fc.record({
  nodes: fc.array(tree, { minLength: 1, maxLength: 4 }),
  limits,
  points: fc.array(point, { maxLength: 4 }),
  seed: fc.nat(1_000_000),
});

/** Children with much at once under a limit above them: where draws, settlements and kills meet most often. */
const crowd: fc.Arbitrary<Node> = fc
  .record({
    kind: fc.constantFrom("call" as const, "join" as const),
    budget: fc.constantFrom({}, {}, { maxTurns: 9 }),
    nodes: fc.array(ask, { minLength: 3, maxLength: 8 }),
  })
  .map(({ kind, budget, nodes }) => ({ kind, budget, nodes: [{ kind: "all", nodes }] }));
const crowded = fc.record({
  nodes: fc.array(crowd, { minLength: 1, maxLength: 2 }),
  limits: fc.record({ maxTokens: fc.integer({ min: 300, max: 2_000 }) }),
  points: fc.array(fc.record({ harm: fc.constant<Harm>("kill"), tick: fc.integer({ min: 8, max: 80 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  seed: fc.nat(1_000_000),
});

const story = fc.oneof({ arbitrary: drawn, weight: 2 }, { arbitrary: crowded, weight: 1 });
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

/** One after the other; what fails is told to nobody, so that as much is spent as may be. */
async function inOrder(nodes: readonly Node[], { ctx, world }: Tools, at: string): Promise<void> {
  for (const [index, node] of nodes.entries())
    await perform(node, { ctx, world }, `${at}.${index}`).catch(() => undefined);
}

interface Tools {
  readonly ctx: ProgramContext;
  readonly world: SimWorld;
}

async function perform(node: Node, { ctx, world }: Tools, at: string): Promise<unknown> {
  switch (node.kind) {
    case "ask": {
      const { bill, maxTokens, optional } = node;
      return ctx.generate({ messages: JSON.stringify({ ...bill, at }), maxTokens, optional });
    }
    case "sleep":
      return ctx.sleep(node.ms);
    case "call":
      return ctx.call("a.child", { nodes: node.nodes, at } as unknown as Json, { budget: node.budget });
    case "join": {
      const input = { nodes: node.nodes, at } as unknown as Json;
      return join(ctx, world, { name: "child", input, asked: node.budget });
    }
    case "all":
    case "left": {
      const all = ctx.all(
        node.nodes,
        (_, index) => String(index),
        (inner, branch) =>
          inOrder([inner], { ctx: branch as ProgramContext, world }, `${at}.${node.nodes.indexOf(inner)}`),
      );
      // Left alone, it goes on beside what follows, and the execution may end before it.
      return node.kind === "all" ? all : undefined;
    }
  }
}

async function play({ nodes, limits: own, points, seed }: Story): Promise<{ outcome: Outcome; wrongs: string[] }> {
  let books: Books | undefined;
  const program: Program = {
    name: "drawn",
    origin: { limits: own },
    people: [resumer],
    hasty: seed % 2 === 1,
    provider: (world) => {
      books = new Books(world);
      return books;
    },
    functions: {
      main: (ctx, { world }) => inOrder(nodes, { ctx: ctx as ProgramContext, world }, "r"),
      child: (ctx, { input, world }) => {
        const { nodes: below, at } = input as unknown as { nodes: Node[]; at: string };
        return inOrder(below, { ctx: ctx as ProgramContext, world }, at);
      },
    },
  };
  const outcome = await runSchedule({ program, seed, points });
  return { outcome, wrongs: [...outcome.wrongs, ...(books ? misspent(outcome.world, books) : [])] };
}

const cheap = { bound: 0, input: 0, output: 0, failures: 0, charged: false };
const turn = ({ priced }: { priced: boolean }): Node => ({
  ...{ kind: "ask", bill: { ...cheap, priced }, maxTokens: 1, optional: false },
});
/** What was found before. */
const FOUND: [Story][] = [
  // A child of a budget in dollars asked a model whose price nobody knows.
  [
    {
      nodes: [{ kind: "call", budget: {}, nodes: [turn({ priced: false })] }],
      ...{ limits: { maxCostUsd: 0 }, points: [], seed: 0 },
    },
  ],
  // After an outage the caller's repeated start came before the alarm: a turn began after the active time was over.
  [
    {
      ...{ nodes: [turn({ priced: true })], limits: { maxDurationMs: 1 } },
      ...{ points: [{ harm: "outage", tick: 0 }], seed: 894_895 },
    },
  ],
  // A child that came by itself reached its parent before the alarm did, and was taken on after the parent's active time.
  [
    {
      nodes: [{ kind: "join", budget: {}, nodes: [turn({ priced: true })] }, turn({ priced: true })],
      ...{ limits: { maxDurationMs: 1 }, points: [{ harm: "outage", tick: 2 }], seed: 14 },
    },
  ],
];

const RUNS = Number(process.env.BUDGET_RUNS ?? 600);

describe("no sequence of crashes, children and parallel turns", () => {
  it("makes what was really paid exceed max_turns, max_tokens, max_cost_usd, max_children or max_duration", async () => {
    const seen = { spentUp: 0, paidAgain: 0, drawn: 0, succeeded: 0, drawnByAdopted: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        const { outcome, wrongs } = await play(told);
        expect(wrongs).toEqual([]);
        const events = [...outcome.world.stores.values()].flatMap(({ view }) => view.events);
        if (events.some(({ type }) => type === "budget.exceeded")) seen.spentUp += 1;
        if (events.some(({ type, data }) => type === "turn.started" && data.recovered)) seen.paidAgain += 1;
        if (events.some(({ type }) => type === "budget.drawn")) seen.drawn += 1;
        if (outcome.status === "succeeded") seen.succeeded += 1;
        const adopted = events.flatMap(({ type, data }) =>
          type === "child.started" && data.adopted ? [data.childId] : [],
        );
        if (events.some(({ type, data }) => type === "budget.drawn" && adopted.includes(data.childId)))
          seen.drawnByAdopted += 1;
        if (events.some(({ type, data }) => type === "step.completed" && data.output === "parent_refused"))
          seen.refused += 1;
      }),
      { numRuns: RUNS, examples: FOUND },
    );
    // A property that meets no budget proves nothing.
    for (const count of Object.values(seen)) expect(count, JSON.stringify(seen)).toBeGreaterThan(RUNS / 60);
    process.stdout.write(`${RUNS} stories: ${JSON.stringify(seen)}\n`);
  }, 300_000);
});
