/**
 * A ticket: a start that an intake shard has accepted, and whose execution has no object yet. It is the command itself, with
 * the instant of its acceptance.
 *
 * - Tickets that are accepted together are one stored row: their marks, which say what order and ownership need, and their
 *   commands, which are read only when they begin.
 * - A reader of a ticket sees what it would see of the execution: the same decision and the same fold make it.
 */
import * as z from "zod";
import { decide } from "../decide/decide.ts";
import { builtInOf } from "../execution/built-in.ts";
import type { CreateCommand } from "../execution/command.ts";
import type { Event } from "../execution/event.ts";
import { EVENT_VERSION } from "../execution/event.ts";
import { Origin, startedBy } from "../execution/origin.ts";
import type { ExecutionState } from "../execution/state.ts";
import { emptyIndex } from "../fold/entry-index.ts";
import { fold } from "../fold/evolve.ts";
import type { ExecutionView, QueuePlace } from "../read-models/view.ts";
import { utf8Bytes } from "../values/json-text.ts";
import { ordinal } from "../values/ordinal.ts";
import { Priority } from "./queued-start.ts";

/** Grows when older code could not read a row of tickets. */
export const TICKET_VERSION = 1;
/** A command that is larger makes its object at once: shards hold many small ones. */
const MAX_TICKET_BYTES = 32 * 1024;

/** A command with the instant of its acceptance. */
export type Ticket = CreateCommand & { readonly acceptedAtMs: number };

/** What is known of a ticket without its command. */
export const TicketMark = z.object({
  id: z.string(),
  tenant: z.string(),
  owner: z.string(),
  createdBy: Origin.shape.createdBy,
  node: Origin.shape.node,
  atMs: z.number(),
  bytes: z.number().int(),
  /** Where they are not the usual ones. */
  priority: Priority.optional(),
  fairness: z.string().optional(),
  /** Of the limit whose slot it asks for first; absent where it is under none. */
  queue: z.string().optional(),
});
export type TicketMark = z.infer<typeof TicketMark>;
export const TicketMarks = z.array(TicketMark);

export function ticketText(ticket: Ticket): string {
  return JSON.stringify(ticket);
}

/** Whether a shard takes it. */
export function isTicketSized(command: CreateCommand): boolean {
  return utf8Bytes(JSON.stringify(command)) <= MAX_TICKET_BYTES;
}

export function markOf({ origin, acceptedAtMs }: Ticket, text: string): TicketMark {
  const { id, tenant, owner, createdBy, node, priority, queues = [] } = origin;
  const whose = { owner, ...(createdBy === undefined ? {} : { createdBy }), ...(node ? { node } : {}) };
  const place = {
    ...(priority === undefined ? {} : { priority }),
    ...(queues[0] ? { queue: queues[0].name } : {}),
  };
  return { id, tenant, ...whose, atMs: acceptedAtMs, bytes: utf8Bytes(text), ...place };
}

interface KnownAgent {
  readonly functions: { has(fn: string): boolean };
}

/** Why this version of the code cannot begin it; `undefined` where it can: what runs on a node, or is built in, has no function here. */
export function unknownFunction(
  { origin }: Pick<Ticket, "origin">,
  agents: { get(agent: string): KnownAgent | undefined },
): string | undefined {
  const { agent, fn, remote } = origin;
  if (remote !== undefined || builtInOf(origin) || agents.get(agent)?.functions.has(fn)) return undefined;
  return `no function ${agent}.${fn} is known to this version of the code`;
}

/** The tickets of a stored row, in the order of its marks. */
export function ticketsOf(text: string): readonly Ticket[] {
  return JSON.parse(text) as Ticket[];
}

/** The state that the execution has when it is made of this ticket; `undefined` where its creation would be refused. */
export function stateOf(ticket: Ticket): ExecutionState | undefined {
  const decided = decide({ state: undefined, index: emptyIndex }, ticket, ticket.acceptedAtMs);
  if (!decided.ok) return undefined;
  const stamp = { atMs: ticket.acceptedAtMs, actor: startedBy(ticket.origin), v: EVENT_VERSION };
  return fold(decided.events.map((event, at) => ({ ...event, ...stamp, seq: at + 1 }) as Event));
}

const NOTHING_TOLD = { deliveries: [], attempts: [], total: 0, failed: 0 } as const;

/** The execution as a reader sees it while it is a ticket. */
export function viewOfTicket(ticket: Ticket, place: QueuePlace): ExecutionView | undefined {
  const state = stateOf(ticket);
  if (!state) return undefined;
  return {
    state,
    metadata: ticket.metadata,
    output: undefined,
    error: undefined,
    attempts: [],
    openApprovals: [],
    lastVerdict: undefined,
    queue: place,
    ...(ticket.webhook ? { webhook: { ...ticket.webhook, ...NOTHING_TOLD } } : {}),
    why: {
      owner: place.aside === undefined ? "engine" : "operator",
      sentence:
        place.aside === undefined
          ? `it is queued: ${ordinal(place.position)} of ${place.depth}`
          : `it stands aside in the queue and is tried again by itself: ${place.aside}`,
    },
  };
}
