import { nearest } from "../../domain/values/nearest.ts";
import type { Context } from "../context.ts";
import type { RoleAgent } from "./role-agent.ts";
import { runTarget } from "./role-targets.ts";

export interface RunSpecialistOptions {
  /** Of the program that asks: the specialist's run is its child. */
  readonly ctx: Pick<Context, "call">;
}

export type RunSpecialist = (name: string, prompt: string, options: RunSpecialistOptions) => Promise<string>;

/** Throws for a name that is no specialist of the runtime; rejects as `ctx.call` does. */
export function specialistOf({ agents }: { readonly agents: Readonly<Record<string, RoleAgent>> }): RunSpecialist {
  return async (name, prompt, { ctx }) => {
    const specialists = Object.values(agents).filter(({ role }) => role === "specialist");
    if (!specialists.some((agent) => agent.name === name)) {
      const names = specialists.map((agent) => agent.name);
      const meant = nearest(name, names);
      const hint = meant === undefined ? `it has ${names.join(", ") || "none"}` : `did you mean "${meant}"?`;
      throw new Error(`runSpecialist: the runtime has no specialist "${name}": ${hint}`);
    }
    const { response } = await ctx.call<{ readonly response: string }>(runTarget(name), { prompt });
    return response;
  };
}
