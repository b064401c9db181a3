import { nearest } from "../../domain/values/nearest.ts";
import type { Context } from "../context.ts";
import type { RoleAgent } from "./role-agent.ts";
import { chatTarget, runTarget } from "./role-targets.ts";

export interface RunSpecialistOptions {
  /** Of the program that asks: the specialist's run is its child. */
  readonly ctx: Pick<Context, "call">;
  /**
   * The prompt is a message of this session's conversation with the specialist: what was said before is told, and the answer is
   * remembered. 1 to 256 characters, as `X-Session-ID` takes them. Only for a specialist with `stateful: true`. Default: one run
   * that remembers nothing.
   */
  readonly session?: string | undefined;
}

/** Resolves with the answer. */
export type RunSpecialist = (name: string, prompt: string, options: RunSpecialistOptions) => Promise<string>;

/** Rejects for a name that is no specialist of the runtime, for a session where it keeps none, and as `ctx.call` does. */
export function specialistOf({ agents }: { readonly agents: Readonly<Record<string, RoleAgent>> }): RunSpecialist {
  return async (name, prompt, { ctx, session }) => {
    const specialist = Object.values(agents).find((agent) => agent.role === "specialist" && agent.name === name);
    if (!specialist) throw new Error(unknown(name, Object.values(agents)));
    if (session !== undefined && !specialist.stateful) throw new Error(forgetful(name));
    const { response } = await (session === undefined
      ? ctx.call<Answer>(runTarget(name), { prompt })
      : ctx.call<Answer>(chatTarget(name), { message: prompt, session }));
    return response;
  };
}

interface Answer {
  readonly response: string;
}

function unknown(name: string, agents: readonly RoleAgent[]): string {
  const names = agents.filter(({ role }) => role === "specialist").map((agent) => agent.name);
  const meant = nearest(name, names);
  const hint = meant === undefined ? `it has ${names.join(", ") || "none"}` : `did you mean "${meant}"?`;
  return `runSpecialist: the runtime has no specialist "${name}": ${hint}`;
}

function forgetful(name: string): string {
  return `runSpecialist: the specialist "${name}" keeps no conversation in a session: define it with stateful: true, or leave session out`;
}
