/** What an agent is made of, and what its program may ask of it. */
import type { z } from "zod";
import type { Timing } from "../client/transport/pace.ts";
import type { Action } from "./action.ts";
import type { Settlement } from "./running-work.ts";
import type { AgentStore } from "./store.ts";

export interface LogLine {
  readonly level: "info" | "warning" | "error";
  readonly message: string;
}

export type Inputs = Readonly<Record<string, z.ZodType>>;

export interface PollingAgentOptions<Actions extends Inputs = Inputs> {
  /** Where Errand is: `http://localhost:8787`. */
  readonly url: string;
  /** The agent's own key, or a user's with the scope `execute`, with which it registers. In open mode none is needed. */
  readonly key?: string;
  /** Unique in the tenant. */
  readonly id: string;
  readonly name?: string;
  /** What it is, as tasks name it in `assignee_role`. */
  readonly role?: string;
  /** By name: what it can do. */
  readonly actions: { readonly [Name in keyof Actions]: Action<Actions[Name]> };
  /** Subtasks at once. Default 1. */
  readonly concurrency?: number;
  /** Seconds that the server may hold a poll, at most 30; 0: polls at intervals. Default 25. */
  readonly waitSeconds?: number;
  /** Between two polls that brought nothing, where the server does not hold them. Default 10 minutes. */
  readonly intervalMs?: number;
  /** What outlives the process. Default: the memory, which does not. */
  readonly store?: AgentStore;
  /** Hears the key of an agent that was registered just now; it is answered once. From then on the agent uses it. */
  readonly onKey?: (key: string) => void | Promise<void>;
  /** Hears what happens. No line holds a key or params. */
  readonly log?: (line: LogLine) => void;
  /** Node only: SIGTERM and SIGINT drain the agent. Default true. */
  readonly signals?: boolean;
  /** The longest between two heartbeats of what runs: so soon it hears that its execution was cancelled. Default 60 s. */
  readonly heartbeatMs?: number;
  /** How long `stop` and the signals wait for what runs. Default 30 s. */
  readonly graceMs?: number;
  /** Requests a minute that its key may make; of a new agent, at most those of the registering key. */
  readonly rateLimitPerMin?: number;
  /** Default the platform's own. */
  readonly fetch?: typeof fetch;
  /** Waits between tries of one request. Default 1 s, doubled up to 60 s, with full jitter. */
  readonly timing?: Partial<Timing>;
}

export interface PollingAgent {
  /** Registers, takes up what an earlier process left, and begins to poll. Resolves when it polls. */
  start(): Promise<void>;
  /** Ends a subtask that waits for the outside. False: no subtask with this idempotency key is here. */
  settle(idempotencyKey: string, settlement: Settlement): Promise<boolean>;
  /** The idempotency keys of the subtasks that are in its hands. */
  readonly working: readonly string[];
  /** Drains. Resolves when everything is reported, or left to the next process. */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  /** Resolves when it was stopped; rejects when the server refuses it for good: its key, or its registration. */
  readonly done: Promise<void>;
}
