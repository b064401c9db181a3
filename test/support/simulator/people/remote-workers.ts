/** What the receivers of external activities do: they work, report until they are heard, say it once more, and die. */
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import type { Job } from "../providers/sim-nodes.ts";
import { answerOf } from "../providers/sim-nodes.ts";
import type { Person, SimWorld } from "../sim-world.ts";
import type { Act } from "./act.ts";

/** After which an end that was not reported is lost. */
const GRACE_MS = 60_000;

/** The receiver works, reports until it is heard, says it once more, and dies. */
export const worker: Person = (world) => [
  ...world.nodes.jobs.flatMap((job) => actsOf(world, job)),
  ...(world.nodes.mayDie && world.ticks % 7 === 3
    ? [{ to: "", label: "the node has a new process", run: () => world.nodes.die() }]
    : []),
  ...restarts(world),
];

function actsOf(world: SimWorld, job: Job): Act[] {
  const { id, key, attempt, token, state } = job;
  const act = (what: string, run: () => void): Act => ({ to: id, label: `node: ${what} ${key} of ${id}`, run });
  if (state === "dead") return [];
  if (state === "works")
    return [
      act("does", () => world.nodes.do(job)),
      ...(job.said
        ? []
        : [
            act("waits with", () => {
              job.said = true;
              world.dispatch(id, { type: "external_waiting", of: { key, attempt }, waiting: true });
            }),
          ]),
    ];
  const report = (value: Json) =>
    world.dispatch(id, { type: "finish_external", of: { key, attempt, token }, outcome: { ok: true, value } });
  if (isOpen(world, job)) return [act("reports", () => report(answerOf(job)))];
  if (job.repeated >= 2) return [];
  return [
    act("reports once more", () => {
      job.repeated += 1;
      report("another end");
    }),
  ];
}

/** Its log does not hold the end of this attempt. */
function isOpen(world: SimWorld, { id, key, attempt }: Job): boolean {
  const { state, events } = world.store(id).view;
  if (!state || isTerminal(state.status)) return false;
  const isOver = (type: string, data: object) =>
    ("key" in data && data.key === key && (type === "step.completed" || type === "step.failed")) ||
    (type === "step.started" &&
      "key" in data &&
      data.key === key &&
      "attempt" in data &&
      data.attempt !== attempt &&
      Number(data.attempt) > attempt);
  return !events.some(({ type, data }) => isOver(type, data));
}

/** What is known of the receiver last. */
const SINCE: readonly string[] = ["external.sending", "external.unsent", "external.receiver_gone"];

/** Each execution hears of a new process, until it knows. */
function restarts(world: SimWorld): Act[] {
  const { instance } = world.nodes;
  return [...world.stores].flatMap(([id, { view }]): Act[] => {
    if (!view.state || isTerminal(view.state.status)) return [];
    const last = view.events.findLast(({ type }) => SINCE.includes(type));
    // Nothing of it is there, or its loss is known.
    if (last?.type !== "external.sending" || last.data.instance === instance) return [];
    const run = () => world.dispatch(id, { type: "receiver_restarted", instance, graceMs: GRACE_MS });
    return isAnswered(view.events, last.seq) ? [] : [{ to: id, label: `${id} hears of ${instance}`, run }];
  });
}

function isAnswered(events: SimWorld["root"]["view"]["events"], sentSeq: number): boolean {
  return events.some(({ seq, type }) => seq > sentSeq && (type === "step.completed" || type === "step.failed"));
}
