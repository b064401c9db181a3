/**
 * The tools that Errand brings, by toolkit. Each is a piece of the program of the agent that calls it: handing work on is a child
 * execution, a plan or a reference is a record of the owner.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import { ToolError } from "../errors.ts";
import type { ProgramTool } from "../execution/model-tool.ts";
import { programTool } from "../execution/model-tool.ts";
import type { RecordName } from "../program-context.ts";
import { readVersion, settledStanding } from "./plan-store.ts";
import type { RoleAgent } from "./role-agent.ts";
import { EXECUTE, PLAN, RUN } from "./role-targets.ts";
import type { Runtime } from "./runtime.ts";
import type { Toolkit } from "./toolkits.ts";
import { handOffTool } from "./toolkits.ts";

type Agents = Pick<Runtime, "agents">;

/** The tools of an agent's toolkits but `store_plan`, which belongs to the run of a planner. */
export function toolkitToolsOf(agent: RoleAgent, { agents }: Agents): readonly ProgramTool[] {
  const tools: Readonly<Record<Toolkit, () => readonly ProgramTool[]>> = {
    agents: () => (agent.role === "coordinator" ? agent.routes.flatMap((route) => handOff(agents[route]) ?? []) : []),
    plans: () => [readPlan],
    references: () => [storeReference, readReference],
  };
  return agent.toolkits.flatMap((toolkit) => tools[toolkit]());
}

const Task = z.object({ task: z.string().min(1).max(100_000).describe("All that it needs to know: it sees no more.") });
const PlanToExecute = z.object({ plan_id: z.string().max(256).describe("Of a plan that is approved.") });

function handOff(to: RoleAgent | undefined): ProgramTool | undefined {
  if (!to) return undefined;
  const name = handOffTool(to.name);
  switch (to.role) {
    case "coordinator":
    case "specialist":
      return programTool({
        ...{ name, input: Task, description: `Hands a task to ${to.name}, a ${to.role}, and gives its answer.` },
        act: ({ task }, ctx) => ctx.call(`${to.name}.${RUN}`, { prompt: task }),
      });
    case "planner":
      return programTool({
        ...{ name, input: Task, description: `Has ${to.name} write a plan, and a person decide about it.` },
        act: ({ task }, ctx) => ctx.call(`${to.name}.${PLAN}`, { task }),
      });
    case "executor":
      return programTool({
        ...{
          name,
          input: PlanToExecute,
          description: `Has ${to.name} carry an approved plan out, and gives its report.`,
        },
        act: (input, ctx) => ctx.call(`${to.name}.${EXECUTE}`, input),
      });
  }
}

const readPlan = programTool({
  name: "read_plan",
  description: "Reads a plan: where it stands, and the actions of its newest version or of the one that is named.",
  input: z.object({ plan_id: z.string().max(256), version: z.int().min(1).optional() }),
  act: async ({ plan_id: id, version }, ctx) => {
    const standing = await settledStanding(ctx, id);
    if (!standing) throw new ToolError(`there is no plan "${id}"`);
    const found = await readVersion(ctx, id, version ?? standing.version);
    if (!found) throw new ToolError(`the plan "${id}" has no version ${version}: its newest is ${standing.version}`);
    return toJson({ plan_id: id, state: standing.state, feedback: standing.feedback ?? null, ...found });
  },
});

/** How long a reference is kept, from the last time that it was stored. */
const REFERENCE_TTL_MS = 30 * 86_400_000;
/** Characters of a reference that are read at once. */
const PIECE = 20_000;
const reference = (id: string): RecordName => ({ scope: "reference", id, key: "value" });
const Reference = z.object({ text: z.string(), summary: z.string() });

const storeReference = programTool({
  name: "store_reference",
  description: "Keeps a long text for 30 days, and gives a short reference to it that can stand in its place.",
  input: z.object({ text: z.string().min(1).max(900_000), summary: z.string().min(1).max(2_000) }),
  act: async ({ text, summary }, ctx) => {
    const id = createHash("sha256").update(text).digest("hex");
    await ctx.records.write(reference(id), { data: { text, summary }, ttlMs: REFERENCE_TTL_MS });
    return { reference: id, summary, characters: text.length };
  },
});

const readReference = programTool({
  name: "read_reference",
  description: `Reads a text that was stored, ${PIECE} characters at a time.`,
  input: z.object({ reference: z.string().max(64), from: z.int().min(0).default(0) }),
  act: async ({ reference: id, from }, ctx): Promise<Json> => {
    const found = await ctx.records.read(reference(id));
    if (found === null) throw new ToolError(`there is no reference "${id}", or it is kept no longer`);
    const { text, summary } = Reference.parse(found);
    const next = from + PIECE;
    return { summary, text: text.slice(from, next), ...(next < text.length ? { next_from: next } : {}) };
  },
});
