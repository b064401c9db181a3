/** What a program of the simulator is, and what all of them are made of. */
import * as z from "zod";
import { defineAgent } from "../../../../src/define/agent.ts";
import type { Context } from "../../../../src/define/context.ts";
import { StepError } from "../../../../src/define/errors.ts";
import type { Origin } from "../../../../src/domain/execution/origin.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import type { Harm } from "../harms.ts";
import type { Wire } from "../providers/outside.ts";
import type { Provider } from "../providers/sim-model.ts";
import type { Person, SimWorld } from "../sim-world.ts";
import { spoiled, vandal } from "./vandal.ts";

export interface Program {
  readonly name: string;
  /** Functions of the agent `a`; `main` is executed. */
  readonly functions: Functions;
  /** Versions of its code that are deployed later, and taken back. */
  readonly later?: readonly Functions[];
  readonly origin?: Partial<Origin>;
  readonly people?: readonly Person[];
  readonly hasty?: boolean;
  readonly provider?: (world: SimWorld) => Provider;
  /** What it must give, undisturbed; without it only its being the same each time is asked. */
  readonly output?: Json;
  /** Its output and effects depend on what comes first: then only `agree` is asked, not equality with the baseline. */
  readonly agree?: (end: End) => string | undefined;
  /** It may end otherwise than undisturbed, as far as `agree` says so. */
  readonly mayFail?: boolean;
  /** Harms that it is not made for when they come together. */
  readonly spared?: readonly (readonly Harm[])[];
  /** What it does depends on the seed: it is compared with the same seed undisturbed. */
  readonly perSeed?: boolean;
  /** As `agree`, beside the undisturbed run. */
  readonly agreeWith?: (end: End, baseline: End) => string | undefined;
  /** Asked whatever was done to it, a cancel too. */
  readonly always?: (end: End) => string | undefined;
}

type Functions = Readonly<Record<string, Run>>;
type Run = (ctx: Context, tools: Tools) => Promise<unknown>;
export interface Tools {
  readonly world: SimWorld;
  readonly input: Json;
  /** The outside as this execution reaches it. */
  readonly wire: () => Wire;
}

/** How a schedule ended, as far as a program can compare itself with the outside. */
export interface End {
  readonly status: string;
  readonly output: Json;
  readonly applied: Readonly<Record<string, number>>;
  readonly order: readonly string[];
  readonly world: SimWorld;
}

export function agentOf({ functions, later = [] }: Program, world: SimWorld) {
  const agent = defineAgent({ id: "a", description: "", version: "1" });
  for (const [name, run] of Object.entries(later[world.version - 1] ?? functions)) {
    agent.reasoner(name, { input: z.unknown(), output: z.unknown() }, (input, ctx) => {
      const heard = world.listener(ctx.executionId);
      return run(vandal(ctx, heard), {
        world,
        input: spoiled(input as Json),
        wire: () => world.wire(ctx.executionId),
      });
    });
  }
  return agent;
}

export const charge = (ctx: Context, { wire }: Tools, name: string) =>
  ctx.effect(name, null, {}, (attempt) => wire().plain(name, attempt));
export const put = (ctx: Context, { wire }: Tools, name: string) =>
  ctx.effect(name, { put: name }, { idempotent: true }, (attempt) => wire().idempotent(name, attempt));
const codeOf = (error: unknown) => (error instanceof StepError ? error.code : String(error));
export const caught = (work: Promise<unknown>) =>
  work.then(
    (value) => ({ value }) as Json,
    (error) => ({ code: codeOf(error) }) as Json,
  );
export const gate = (ctx: Context, answer: string | null, more: object = {}) =>
  ctx.pause({ payload: { answer }, ...more });
export const child = (ctx: Context, name: string, options: { name?: string; input?: Json; budget?: object } = {}) =>
  ctx.call(`a.${name}`, options.input ?? null, {
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.budget ? { budget: options.budget } : {}),
  });
export const ask = (ctx: Context, text: string, name = "turn") => ctx.generate({ name, messages: text, maxTokens: 20 });

/** The one thing reported to the outside is the output, whoever won. */
export const reported = ({ output, applied }: End) => {
  const said = Object.keys(applied).filter((name) => name.startsWith("report-"));
  const counts = said.map((name) => applied[name]);
  if (said.length !== 1 || counts[0] !== 1) return `reported ${JSON.stringify(applied)}, not one winner once`;
  return said[0] === `report-${output}`
    ? undefined
    : `reported ${said[0]}, but the output is ${JSON.stringify(output)}`;
};
