/**
 * The executions beneath one plan that take its tasks apart: they wait for a person, find subtasks, find none that fit, fail; and each
 * word of theirs may come twice, late, or out of order.
 */
import type { ChildFinished, ChildWaiting } from "../../../src/domain/execution/child-command.ts";
import type { Event } from "../../../src/domain/execution/event.ts";
import type { Decomposition } from "../../../src/domain/plan/decomposition.ts";
import type { Json } from "../../../src/domain/values/json.ts";
import type { OnePlan } from "./one-plan.ts";

type Word = ChildFinished | ChildWaiting;

const NOTHING = { turns: 0, tokens: 0, costUsd: 0, children: 0 };
const LETTERS = ["a", "b", "c", "d"];

export class TakenApart {
  readonly #one: OnePlan;
  readonly #draw: () => number;
  readonly #said: Word[] = [];
  #seq = 0;

  constructor(one: OnePlan, draw: () => number) {
    this.#one = one;
    this.#draw = draw;
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#draw() * items.length)];
  }

  #say(word: Word): void {
    this.#said.push(word);
    this.#one.tell(word);
  }

  /** One of them says something, or what it said before comes again. */
  step(): void {
    const piece = this.#pick(this.#one.work.decomposing);
    const again = this.#pick(this.#said);
    if (again && (!piece || this.#draw() < 0.3)) return void this.#one.tell(again);
    const childId = piece && this.#one.work.state(piece).childId;
    if (!piece || childId === undefined) return;
    this.#seq += 1;
    const draw = this.#draw();
    if (draw < 0.35) this.#say({ type: "child_waiting", childId, waiting: this.#draw() < 0.6, seq: this.#seq });
    else if (draw < 0.8) this.#say(this.#found(childId, piece.id));
    else this.#say(failed(childId));
  }

  /** Whatever is left finds something. */
  finish(): void {
    for (const piece of this.#one.work.decomposing) {
      const { childId } = this.#one.work.state(piece);
      if (childId !== undefined) this.#say(this.#found(childId, piece.id));
    }
  }

  /** One to four subtasks, each behind the first or behind none; now and then they do not fit into the plan. */
  #found(childId: string, taskId: string): ChildFinished {
    const letters = LETTERS.slice(0, 1 + Math.floor(this.#draw() * LETTERS.length));
    const isForeign = this.#draw() < 0.1;
    const ids = letters.map((letter) => (isForeign ? "s0" : `${taskId}_${letter}`));
    const subtasks = ids.map((id, at) => ({
      ...{ id, title: `Do ${id}`, action: "send_email", params: {}, successCriteria: [], failureHandling: null },
      dependsOn: at > 0 && this.#draw() < 0.5 ? [ids[0] ?? ""] : [],
    }));
    const found: Decomposition = { taskId, confidence: 0.8, subtasks, notes: "", warnings: [] };
    const outcome = { ok: true, value: found as unknown as Json } as const;
    return { type: "child_finished", childId, status: "succeeded", outcome, usage: NOTHING };
  }

  /** Each task is taken apart by one execution, once. */
  broken(events: readonly Event[]): string[] {
    const twice = (type: Event["type"], nameOf: (event: Event) => string | undefined) => {
      const names = events.flatMap((event) => (event.type === type ? (nameOf(event) ?? []) : []));
      return names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${type} twice of ${name}`);
    };
    return [
      ...twice("child.started", (event) => (event.type === "child.started" ? event.data.childId : undefined)),
      ...twice("task.decomposing", (event) => (event.type === "task.decomposing" ? event.data.task : undefined)),
      ...twice("task.decomposed", (event) => (event.type === "task.decomposed" ? event.data.taskId : undefined)),
    ];
  }
}

function failed(childId: string): ChildFinished {
  const outcome = { ok: false, error: { code: "approval_rejected", message: "no" } } as const;
  return { type: "child_finished", childId, status: "failed", outcome, usage: NOTHING };
}
