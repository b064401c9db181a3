/** People and callers around the executions. They look at what is there now and offer what they would do, so no crash loses them. */
import * as z from "zod";
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import type { Person, SimWorld } from "../sim-world.ts";
import { ROOT } from "../sim-world.ts";
import type { Act } from "./act.ts";

const Wish = z.object({ answer: z.enum(["approved", "rejected", "request_changes"]) });

/** Answers approvals as their payload wishes; an approval that wishes nothing is left to expire. */
export const decider: Person = (world) =>
  openApprovals(world).flatMap(({ id, gate, payload }): Act[] => {
    const wish = Wish.safeParse(payload);
    if (gate.kind === "review" || !wish.success) return [];
    const command = { type: "decide_gate", gateId: gate.gateId, decision: wish.data.answer, by: "ann" } as const;
    return [{ to: id, label: `ann: ${wish.data.answer} ${gate.gateId}`, run: () => world.dispatch(id, command) }];
  });

/** Resolves effects in doubt truthfully: asks the outside whether it happened, once nothing is on its way any more. */
export const truthful: Person = (world) =>
  openApprovals(world).flatMap(({ id, gate }): Act[] => {
    const fact = `${beginnerOf(world, id, gate.key)}:${gate.key}`;
    if (gate.kind !== "review" || world.underWay(fact)) return [];
    const happened = world.outside.facts.get(fact);
    const answer = happened ? { resolution: "succeeded", output: happened.answer } : { resolution: "retry" };
    const command = { type: "resolve_effect", gateId: gate.gateId, by: "bob", ...answer } as const;
    return [
      { to: id, label: `bob: ${answer.resolution} ${gate.key}`, run: () => world.dispatch(id, command as never) },
    ];
  });

/** Sends each signal until it is in the log. `once` the root waits for one, or at any time. */
export function signaler(signals: readonly { name: string; data: Json; early?: boolean }[]): Person {
  return (world) => {
    const { state, events } = world.root.view;
    if (!state || isTerminal(state.status)) return [];
    const received = events.flatMap((event) =>
      event.type === "signal.received" ? [JSON.stringify(event.data.data)] : [],
    );
    const next = signals.find(({ data }) => !received.includes(JSON.stringify(data)));
    if (!next || (!next.early && state.suspended !== "awaiting_signal")) return [];
    const { name, data } = next;
    return [
      {
        to: ROOT,
        label: `signal ${name}`,
        run: () => world.dispatch(ROOT, { type: "signal", signals: [{ name, data }], by: "carl" }),
      },
    ];
  };
}

/** Adds one note to the root, as soon as it is there. */
export const noter: Person = (world) => {
  const { state, events } = world.root.view;
  const isDone = events.some((event) => event.type === "note.added" && event.data.by !== undefined);
  if (!state || isTerminal(state.status) || isDone) return [];
  const note = { type: "add_note", message: "well", tags: [], by: "nora" } as const;
  return [{ to: ROOT, label: "nora: adds a note", run: () => world.dispatch(ROOT, note) }];
};

/** Approves what nobody's program asked for. */
export const approver: Person = (world) =>
  openApprovals(world).flatMap(({ id, gate }): Act[] => {
    if (!gate.requested) return [];
    const command = { type: "decide_gate", gateId: gate.gateId, decision: "approved", by: "emil" } as const;
    return [{ to: id, label: `emil: approves ${gate.gateId}`, run: () => world.dispatch(id, command) }];
  });

/** Lets a paused execution go on. */
export const resumer: Person = (world) =>
  [...world.stores].flatMap(([id, { view }]): Act[] => {
    if (view.state?.status !== "paused") return [];
    return [{ to: id, label: `resume ${id}`, run: () => world.dispatch(id, { type: "resume", by: "dora" }) }];
  });

/** Whose key the outside knows an effect by: the execution that began it first. */
function beginnerOf(world: SimWorld, id: string, key: string): string {
  for (const event of world.store(id).view.events)
    if (event.type === "step.started" && event.data.key === key) return event.data.begunIn ?? id;
  return id;
}

function openApprovals(world: SimWorld) {
  return [...world.stores].flatMap(([id, { view }]) =>
    [...view.gates.values()].map((gate) => {
      const opened = view.events[gate.openedSeq - 1];
      return { id, gate, payload: opened?.type === "gate.opened" ? opened.data.payload : null };
    }),
  );
}
