/** Agents of the kit in tests: started at a scripted server, and stopped behind each test. */
import { expect, vi } from "vitest";
import * as z from "zod";
import type { ActionContext, PollingAgent, PollingAgentOptions } from "../../../src/agent/index.ts";
import { createPollingAgent } from "../../../src/agent/index.ts";
import type { ScriptedServer } from "./scripted-server.ts";

const TIMING = { firstBackoffMs: 2, maxBackoffMs: 10, answerMs: 2_000 };
export const running: PollingAgent[] = [];
/** Called behind each test. */
export async function stopAgents(): Promise<void> {
  await Promise.all(running.splice(0).map((agent) => agent.stop({ graceMs: 0 })));
}

export type Actions = PollingAgentOptions["actions"];
export const lines: string[] = [];

export async function started(server: ScriptedServer, actions: Actions, more: Partial<PollingAgentOptions> = {}) {
  lines.length = 0;
  const agent = createPollingAgent({
    ...{ url: "http://errand.test", key: "errand_secret", id: "larry", actions, signals: false, timing: TIMING },
    ...{ fetch: server.fetch, log: ({ message }: { message: string }) => void lines.push(message) },
    ...more,
  } as PollingAgentOptions);
  running.push(agent);
  await agent.start();
  return agent;
}

export const greet = (
  run: (params: { name?: string }, ctx: ActionContext) => Promise<never> | Promise<object>,
  more = {},
) => ({ greet: { input: z.object({ name: z.string().optional() }), run, ...more } }) as unknown as Actions;
export const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 5_000, interval: 5 });
export const ended = (server: ScriptedServer, count = 1) =>
  until(() => expect(server.events.filter(({ event_id }) => event_id.endsWith(":end"))).toHaveLength(count));
