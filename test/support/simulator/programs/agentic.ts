/** Agentic executions for the sweep: attempts, tools and corrections, with a kill at every point of them. */
import * as z from "zod";
import type { ExecutionDefinition, Tool } from "../../../../src/define/index.ts";
import {
  called,
  defineAgent,
  defineExecution,
  defineRuntime,
  defineSpecialist,
  defineTool,
  fail,
  pass,
  service,
  stopExecution,
  validJson,
} from "../../../../src/define/index.ts";
import type { ProgramContext } from "../../../../src/define/program-context.ts";
import { agentsOf } from "../../../../src/define/roles/role-functions.ts";
import type { Script } from "../../../../src/domain/model/script.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import { deciderBy } from "../../role-runs.ts";
import { approver, resumer, truthful } from "../people/people.ts";
import type { Wire } from "../providers/outside.ts";
import type { Person } from "../sim-world.ts";
import type { End, Program } from "./program.ts";

const agent = defineAgent({ id: "worker", description: "Works.", version: "1" });
const outside = { outside: service<() => Wire>() };
const input = z.object({ item: z.string() });

const tools: readonly Tool[] = [
  defineTool({
    ...{ name: "upsert", description: "Safe to repeat.", input, services: outside, idempotent: true },
    async run({ item }, { services, idempotencyKey, scratchpad }) {
      const answer = await services.outside().idempotent(`upsert-${item}`, { idempotencyKey } as never);
      scratchpad.record("upsert", { [item]: true });
      return answer;
    },
  }),
  defineTool({
    ...{ name: "charge", description: "Not safe to repeat.", input, services: outside },
    run: ({ item }, { services, idempotencyKey }) =>
      services.outside().plain(`charge-${item}`, { idempotencyKey } as never),
  }),
  defineTool({
    ...{ name: "transfer", description: "Not safe to repeat, and the books tell.", input, services: outside },
    run: ({ item }, { services, idempotencyKey }) =>
      services.outside().plain(`transfer-${item}`, { idempotencyKey } as never),
    checkOutcome: (_input, { services, idempotencyKey }) => services.outside().probe({ idempotencyKey }),
  }),
  defineTool({
    ...{ name: "look_up", description: "Always fails.", input },
    run: () => Promise.reject(new Error("nothing found")),
  }),
];

const use = (...calls: readonly [name: string, item: string][]) => ({
  reply: { tools: calls.map(([name, item]) => ({ name, input: { item } })) },
});
const say = (text: string) => ({ reply: { text } });

/** Four tools, two corrections: one for no JSON, one for a tool that attempt 2 did not call. */
const script: Script = [
  use(["upsert", "a"], ["charge", "a"], ["transfer", "a"], ["look_up", "a"]),
  say("All done!"),
  use(["charge", "b"]),
  say('{"done": 2}'),
  use(["upsert", "b"], ["look_up", "b"]),
  say('{"done": 3}'),
];

const base = { agent, name: "", description: "", input: z.object({}), tools } as const;
const twoCorrections = defineExecution({
  ...{ ...base, key: "two-corrections", script },
  validators: [
    stopExecution,
    validJson,
    called("upsert"),
    { name: "enough", validate: (response) => (response.includes("3") ? pass : fail()) },
  ],
  execute: ({ conversation }) => conversation.ask("Do it."),
});

const neverValid = defineExecution({
  ...{ ...base, key: "never-valid", maxRetries: 1 },
  script: [use(["charge", "a"]), say("no"), say("no, again"), say("It would not write JSON.")],
  validators: [validJson],
  execute: ({ conversation }) => conversation.ask("Do it."),
});

const runsAgain = defineExecution({
  ...{ ...base, key: "runs-again", onRetry: "execute" },
  script: [use(["upsert", "a"]), say("no"), say("a plan"), say("{}")],
  validators: [validJson],
  async execute({ conversation, feedback, step, sleep }) {
    const prompt = await step("prompt", () => (feedback === undefined ? "Do it." : `Again: ${feedback}`));
    await sleep(1_000);
    const answer = await conversation.ask(prompt);
    return feedback === undefined ? answer : conversation.ask("Now do it.");
  },
});

const runOf = (name: string) => {
  const agent = agentsOf(clerk)
    .find(({ id }) => id === name)
    ?.functions.get("run");
  if (!agent) throw new Error(`no agent ${name}`);
  return agent.program;
};

const programOf =
  ({ definition }: ExecutionDefinition) =>
  (ctx: unknown) =>
    definition.program({} as never, ctx as ProgramContext);

/** A turn is paid again only when a kill hit it in flight: each further try of one belongs to a kill. */
function paidOnce({ world }: End): string | undefined {
  for (const [id, { view }] of world.stores) {
    const tries = view.events.flatMap((event) => (event.type === "turn.started" ? [event.data] : []));
    const again = tries.filter(({ attempt }) => attempt > 1);
    const kills = world.trace.filter((line) => line === `CRASH ${id}`).length;
    if (again.some(({ recovered }) => recovered !== true)) return `${id}: a turn was tried again without a recovery`;
    if (again.length > kills) return `${id}: ${again.length} turns were tried again after ${kills} kills`;
  }
  const begun = [...world.stores.values()]
    .flatMap(({ view }) => view.events)
    .filter(({ type }) => type === "turn.started");
  return world.paid.turns > begun.length
    ? `${world.paid.turns} turns were paid, ${begun.length} were begun`
    : undefined;
}

/** Where a crash costs a turn, the budget may end what it would not have ended undisturbed. */
const failedEither =
  (...codes: readonly Json[]) =>
  ({ status, output }: End) =>
    status === "failed" && codes.includes(output) ? undefined : `ended ${status} ${JSON.stringify(output)}`;

const gated = (name: string) =>
  defineTool({
    ...{ name, description: "A person is asked.", input, services: outside, approval: "always" as const },
    run: ({ item }, { services, idempotencyKey }) =>
      services.outside().plain(`${name}-${item}`, { idempotencyKey } as never),
  });
const clerk = defineRuntime({
  ask: { expiresInMs: Number.POSITIVE_INFINITY },
  agents: [
    defineSpecialist({
      ...{ name: "clerk", model: "m", prompt: "You keep the books.", toolkits: [] },
      tools: [gated("pay"), gated("burn"), ...tools.slice(0, 1)],
      script: [use(["pay", "a"], ["burn", "a"], ["upsert", "a"]), use(["pay", "b"]), say("done")],
    }),
  ],
});

/** Approves each call but those of `burn`. */
const judge: Person = deciderBy(({ tool }) =>
  tool === undefined ? undefined : { decision: tool === "burn" ? "rejected" : "approved", feedback: "no fire" },
);

/** Each call of a tool that asks follows a yes to just this call, and what was refused never began. */
function askedBefore({ world }: End): string | undefined {
  for (const [id, { view }] of world.stores) {
    const shown = new Map<string, unknown>();
    const allowed = new Map<string, number>();
    for (const event of view.events) {
      if (event.type === "gate.opened") shown.set(event.data.gateId, event.data.payload);
      if (event.type === "gate.decided" && event.data.verdict.decision === "approved") {
        const { tool, input: asked } = shown.get(event.data.gateId) as { tool: string; input: unknown };
        const call = `${tool} ${JSON.stringify(asked)}`;
        allowed.set(call, (allowed.get(call) ?? 0) + 1);
      }
      if (event.type !== "tool.started" || event.data.attempt > 1 || event.data.name === "upsert") continue;
      const call = `${event.data.name} ${JSON.stringify(event.data.input)}`;
      const left = allowed.get(call) ?? 0;
      if (left === 0) return `${id}: ${call} began without a yes`;
      allowed.set(call, left - 1);
    }
  }
  return undefined;
}

const programs: readonly Program[] = [
  {
    name: "agentic-two-corrections",
    output: { done: 3 },
    functions: { main: programOf(twoCorrections) },
    always: paidOnce,
  },
  {
    name: "agentic-never-valid",
    output: "max_retries_exceeded",
    functions: { main: programOf(neverValid) },
    always: paidOnce,
  },
  { name: "agentic-runs-again", output: {}, functions: { main: programOf(runsAgain) }, always: paidOnce },
  {
    name: "agentic-within-a-budget",
    origin: { limits: { maxTurns: 3 } },
    functions: { main: programOf(neverValid) },
    always: paidOnce,
    agree: failedEither("max_retries_exceeded", "budget_exceeded"),
  },
  {
    name: "agentic-child",
    origin: { limits: { maxTokens: 4_000_000, maxTurns: 3 } },
    functions: { main: (ctx) => ctx.call("a.job", null), job: programOf(neverValid) },
    always: paidOnce,
    agree: failedEither("runtime_error", "budget_exceeded"),
  },
  {
    name: "agentic-asks-about-tools",
    output: { response: "done" },
    functions: { main: (ctx) => runOf("clerk")({ prompt: "Do it." } as never, ctx as ProgramContext) },
    people: [judge],
    always: (end) => askedBefore(end) ?? paidOnce(end),
  },
];

export const AGENTIC_PROGRAMS: readonly Program[] = programs.map((program) => ({
  ...program,
  people: [truthful, resumer, approver, ...(program.people ?? [])],
}));
