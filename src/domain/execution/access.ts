/**
 * Decides who may do what with an execution. Every actor and operation asks here, and nothing else decides it: an execution that
 * a caller may not read is answered as if it did not exist.
 */
import { agentOf, agentSubject } from "../node/polling-agent.ts";
import type { Refusal } from "../values/fault.ts";
import { refuse } from "../values/fault.ts";
import type { DispatchCommand } from "./command.ts";
import type { Origin } from "./origin.ts";
import type { Principal } from "./principal.ts";

/** The facts of an execution that say who owns it and who works on it. */
export type Held = Pick<Origin, "tenant" | "owner" | "createdBy" | "node"> & {
  /** The subject that holds its work for a while, and reports of it. */
  readonly lease?: { readonly subject: string } | undefined;
};

/**
 * - `read`: itself, its events, notes and streams; `see_approval`: what it asks people, while that is open
 * - `cancel`; `steer`: pause, resume, signal, restart; `annotate`: add notes
 * - `ask_approval`: ask people under an id of the caller's own; `decide`: answer that, or say what became of an effect in doubt
 * - `start_child`: hang a child beneath it; `report`: say what becomes of its work; `remember`: use the memory of its scopes
 * - `take_work`: be given a subtask of its plan
 */
export const VERBS = [
  "read",
  "see_approval",
  "cancel",
  "steer",
  "annotate",
  "ask_approval",
  "decide",
  "start_child",
  "report",
  "remember",
  "take_work",
] as const;
export type Verb = (typeof VERBS)[number];

/** How a principal stands to an execution. `worker`: a node it was dispatched to, or who holds its lease; `starter`: a node that called it.
 * `poller`: an agent of its tenant that asks for work. */
type Standing = "owner" | "admin" | "approver" | "worker" | "starter" | "poller";

const MAY: Readonly<Record<Standing, readonly Verb[]>> = {
  owner: VERBS,
  admin: VERBS,
  approver: ["see_approval", "decide"],
  worker: ["read", "see_approval", "annotate", "ask_approval", "start_child", "report", "remember"],
  starter: ["read", "see_approval", "cancel"],
  poller: ["take_work"],
};

export function mayAct(principal: Principal, verb: Verb, execution: Held): boolean {
  return standingsOf(principal, execution).some((standing) => MAY[standing].includes(verb));
}

/** Of a principal in another tenant none. The scope `agent` alone opens what its subject works on, and not what that owns. */
function standingsOf({ tenant, subject, scopes }: Principal, execution: Held): Standing[] {
  if (tenant !== execution.tenant) return [];
  const standings: Standing[] = [];
  if (scopes.includes("admin")) standings.push("admin");
  if (subject === execution.owner && scopes.some((scope) => scope !== "agent")) standings.push("owner");
  if (scopes.includes("approve")) standings.push("approver");
  if (scopes.includes("agent")) {
    const { node, lease, createdBy } = execution;
    if (subject === node?.subject || subject === lease?.subject) standings.push("worker");
    if (subject === createdBy) standings.push("starter");
    if (agentOf(subject) !== undefined) standings.push("poller");
  }
  return standings;
}

/** May this principal have a node, a plan, or another thing that simply is a subject's? `tenant`: absent where only its own was asked. */
export function owns(
  { tenant, subject, scopes }: Principal,
  thing: { readonly tenant?: string; readonly owner: string },
): boolean {
  if (thing.tenant !== undefined && thing.tenant !== tenant) return false;
  return subject === thing.owner || scopes.includes("admin");
}

/**
 * May this principal ask for work and report in the name of an agent that polls? The agent itself, who registered it, and an administrator:
 * what an agent did, and that it fell silent, is said of it to the whole tenant.
 */
export function mayActAs(principal: Principal, agent: { readonly id: string; readonly owner: string }): boolean {
  const { subject, scopes } = principal;
  if (subject === agentSubject(agent.id)) return true;
  return owns(principal, agent) && (scopes.includes("execute") || scopes.includes("admin"));
}

export function refuseToActAs(agentId: string): Refusal {
  const who = "only its own key, a key of who registered it, or one with the scope admin does";
  return refuse("forbidden_scope", `agent_id: this key does not act for "${agentId.slice(0, 128)}": ${who}`);
}

/** What of an index of executions is the caller's: the whole tenant for an administrator, else what it owns. */
export function listedFor({ tenant, subject, scopes }: Principal): {
  readonly tenant: string;
  readonly owner?: string;
} {
  return scopes.includes("admin") ? { tenant } : { tenant, owner: subject };
}

/** The same of an index of approvals: of others' executions an approver sees the open ones. */
export function approvalsListedFor(
  principal: Principal,
): ReturnType<typeof listedFor> & { readonly ownerOfClosed?: string } {
  const { owner, ...listed } = listedFor(principal);
  if (owner === undefined) return listed;
  return principal.scopes.includes("approve") ? { ...listed, ownerOfClosed: owner } : { ...listed, owner };
}

const ASKED: Readonly<Record<DispatchCommand["type"], Verb>> = {
  cancel: "cancel",
  pause: "steer",
  resume: "steer",
  retry_program: "steer",
  signal: "steer",
  restart: "steer",
  retry_delivery: "steer",
  grant_slot: "steer",
  finish_external: "report",
  store_external: "report",
  external_waiting: "report",
  receiver_restarted: "report",
  add_note: "annotate",
  write_log: "report",
  report_call: "report",
  request_approval: "ask_approval",
  decide_gate: "decide",
  resolve_effect: "decide",
  adopt_child: "start_child",
  // A start that was refused after all withdraws its link.
  child_finished: "start_child",
  child_waiting: "start_child",
  take_work: "take_work",
  report_work: "report",
  resolve_work: "decide",
  escalate_work: "decide",
  queue_plan: "steer",
  begin_plan: "steer",
  dismiss_failure: "cancel",
};

/** What a command asks of an execution. */
export function verbOf({ type }: DispatchCommand): Verb {
  return ASKED[type];
}
