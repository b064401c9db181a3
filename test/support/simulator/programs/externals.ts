/** Activities that are handed to remote agents, which report, repeat themselves, and die. */
import type { ProgramContext } from "../../../../src/define/program-context.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import { approver, resumer } from "../people/people.ts";
import { worker } from "../people/remote-workers.ts";
import type { End, Program, Tools } from "./program.ts";
import { caught, child, put } from "./program.ts";

const QUARTER_MS = 900_000;
const LOST: readonly string[] = ["agent_restart_orphaned", "agent_timeout", "agent_unreachable"];

/** `once`: the receiver knows a repetition by its key. */
const outside = (ctx: unknown, name: string, { once = false, timeoutMs = QUARTER_MS } = {}) =>
  (ctx as ProgramContext).external({ name, input: { name, once }, timeoutMs, idempotent: once });

const people = [worker, approver, resumer];

/** What came back for each name is what was done, or says that it was lost. */
function honest({ output, applied, status }: End, names: readonly string[]): string | undefined {
  if (status !== "succeeded") return undefined;
  for (const [index, name] of names.entries()) {
    const said = (output as Json[])[index] as { value?: Json; code?: string };
    if (said.value === undefined && !LOST.includes(said.code ?? "")) return `${name}: ${JSON.stringify(said)}`;
    if (said.value !== undefined && said.value !== `${name}!`) return `${name} gave ${JSON.stringify(said.value)}`;
    if (said.value !== undefined && applied[name] !== 1) return `${name} was done ${applied[name] ?? 0} times`;
  }
  return undefined;
}

const neverTwice = ({ applied }: End) => {
  const twice = Object.entries(applied).filter(([, count]) => count > 1);
  return twice.length > 0 ? `done more than once: ${JSON.stringify(twice)}` : undefined;
};

export const EXTERNALS: readonly Program[] = [
  {
    name: "remote-call",
    people,
    functions: { main: async (ctx) => [await caught(outside(ctx, "n"))] },
    mayFail: true,
    agree: (end) => honest(end, ["n"]),
    always: neverTwice,
  },
  {
    name: "remote-call-that-may-repeat",
    people,
    functions: { main: async (ctx) => [await caught(outside(ctx, "n", { once: true }))] },
    mayFail: true,
    agree: (end) =>
      JSON.stringify(end.output).includes("orphaned") ? "what may be repeated was given up" : honest(end, ["n"]),
    always: neverTwice,
  },
  {
    name: "remote-calls-at-once",
    people,
    functions: {
      main: (ctx, tools: Tools) =>
        (ctx as ProgramContext).all(
          ["a", "b", "c"],
          (name) => name,
          async (name, branch) => {
            const said = await caught(outside(branch, name, { once: name === "b" }));
            await put(branch, tools, `after-${name}`);
            return said;
          },
        ),
    },
    mayFail: true,
    agree: (end) => honest(end, ["a", "b", "c"]),
    always: ({ applied }) => {
      const remote = Object.entries(applied).filter(([name, count]) => !name.startsWith("after") && count > 1);
      return remote.length > 0 ? `done more than once: ${JSON.stringify(remote)}` : undefined;
    },
  },
  {
    name: "remote-call-in-a-race",
    people,
    hasty: true,
    functions: {
      main: (ctx) =>
        (ctx as ProgramContext)
          .race({ node: (branch) => caught(outside(branch, "n")), time: (branch) => branch.sleep(5_000) })
          .then(({ winner }) => winner),
    },
    mayFail: true,
    agree: ({ output, status }) =>
      status !== "succeeded" || ["node", "time"].includes(String(output)) ? undefined : `won by ${output}`,
    always: neverTwice,
  },
  {
    name: "remote-calls-of-a-child",
    people,
    functions: {
      main: (ctx) => Promise.all([caught(child(ctx, "below")), caught(child(ctx, "below", { name: "second" }))]),
      below: async (ctx) => outside(ctx, "n", { timeoutMs: 60_000 }),
    },
    mayFail: true,
    agree: () => undefined,
    always: ({ applied }) => ((applied.n ?? 0) > 2 ? `done ${applied.n} times by two children` : undefined),
  },
];
