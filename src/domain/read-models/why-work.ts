/** Why the execution of a plan has not ended: what its agents do, what is ready for them, and what people have to decide. */
import type { ExecutionState } from "../execution/state.ts";
import type { Piece } from "../work/order.ts";
import type { Work } from "../work/work.ts";

const MOST_NAMED = 3;
/** Of a role. */
const MOST_CHARACTERS = 60;

interface Reason {
  readonly sentence: string;
  readonly owner: "agent" | "caller" | "child" | "clock" | "person";
}

/** `undefined` where its status alone says it. */
export function reasonOfWork({ status, origin }: ExecutionState, work: Work): Reason | undefined {
  if (status === "pending") return { owner: "caller", sentence: "it is made and not queued: PATCH it to QUEUED" };
  if (status === "blocked") return whyBlocked(work);
  if (status !== "queued" && status !== "running") return undefined;
  const going = whatGoesOn(origin, work);
  const asked = work.decomposing.filter((piece) => work.state(piece).childWaits === true);
  if (asked.length === 0 || going?.owner === "person") return going;
  return going && { ...going, sentence: `${going.sentence}; ${beforeApart(asked, work)}` };
}

function whatGoesOn(origin: ExecutionState["origin"], work: Work): Reason | undefined {
  const held = work.held;
  if (held.length > 0)
    return {
      owner: "agent",
      sentence: `agents work at ${named(held, (piece) => ` (${work.state(piece).lease?.agent})`)}`,
    };
  const able = work.ready.filter(({ at }) => work.actionAt(at) !== null);
  if (able.length > 0)
    return {
      owner: "agent",
      sentence: `${subtasks(able)} ${one(able) ? "waits" : "wait"} for an agent that polls${whose(able, work, origin.plan?.agentId)}`,
    };
  const { decomposing } = work;
  if (decomposing.length > 0) return whyDecomposing(decomposing, work);
  if (work.count("delayed") > 0)
    return { owner: "clock", sentence: "a subtask failed and is ready again after its backoff" };
  return undefined;
}

/** What the agent has to be able to do. */
function whose(able: readonly Piece[], work: Work, agentId: string | undefined): string {
  const actions = [...new Set(able.flatMap(({ at }) => work.actionAt(at) ?? []))].slice(0, MOST_NAMED);
  const can = ` and can do ${actions.join(", ")}`;
  if (agentId !== undefined) return `${can}, and only ${agentId} gets it`;
  const roles = [...new Set(able.flatMap(({ task }) => task.assigneeRole ?? []))].slice(0, MOST_NAMED);
  const those = roles.map((role) => `"${role.slice(0, MOST_CHARACTERS)}"`).join(", ");
  return roles.length === 0 ? can : `${can}; one with the role ${those} goes first while it is there`;
}

/** A person is named when all executions that take tasks apart wait for one. */
function whyDecomposing(decomposing: readonly Piece[], work: Work): Reason {
  const going = decomposing.filter((piece) => work.state(piece).childWaits !== true);
  if (going.length > 0)
    return { owner: "child", sentence: `${tasks(going)} taken apart: ${named(going, childIn(work))}` };
  return { owner: "person", sentence: beforeApart(decomposing, work) };
}

function beforeApart(asked: readonly Piece[], work: Work): string {
  return `a person has to decide before ${tasks(asked)} taken apart: ${named(asked, childIn(work))}`;
}

const childIn = (work: Work) => (piece: Piece) => ` (${work.state(piece).childId})`;

function whyBlocked(work: Work): Reason {
  const { blocked } = work;
  const [first] = blocked;
  if (!first) return { owner: "agent", sentence: "its agents wait for the outside, and report when an answer came" };
  const options = work.state(first).blocked?.options ?? [];
  const are = one(blocked) ? "is" : "are";
  return {
    owner: "person",
    sentence: `${subtasks(blocked)} ${are} blocked until a person chooses: ${options.join(", ")}`,
  };
}

function one(pieces: readonly Piece[]): boolean {
  return pieces.length === 1;
}

function tasks(pieces: readonly Piece[]): string {
  return one(pieces) ? "a task is" : `${pieces.length} tasks are`;
}

function subtasks(pieces: readonly Piece[]): string {
  return `the ${one(pieces) ? "subtask" : "subtasks"} ${named(pieces)}`;
}

function named(pieces: readonly Piece[], more: (piece: Piece) => string = () => ""): string {
  const first = pieces.slice(0, MOST_NAMED).map((piece) => `${piece.id}${more(piece)}`);
  const rest = pieces.length - first.length;
  return `${first.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
