/**
 * The work of one execution: the pieces of its plan, where each stands, and which are ready. It is folded from the rows beside
 * the log when it is first asked for, and moved by each event from then on.
 *
 * - A piece is ready when all that it waits for is complete or skipped, and nothing has begun at it.
 * - An event costs what becomes ready by it, never the plan: counts are kept, no list is searched.
 * - A row says where its piece stands; what follows from that (ready, counts) is never stored.
 */
import type { Event } from "../execution/event.ts";
import type { Plan } from "../plan/plan.ts";
import { withDecomposed } from "./decomposed.ts";
import { SubtaskMoves } from "./moves.ts";
import type { Piece, WorkOrder } from "./order.ts";
import { pieceAt, workOrderOf } from "./order.ts";
import type { SubtaskState, SubtaskStatus } from "./subtask-state.ts";
import { isDone, isHeld, NEW_SUBTASK } from "./subtask-state.ts";

/** Outcomes that the context of a subtask shows. */
const OUTCOMES = 5;

export class Work {
  #plan: Plan;
  #order: WorkOrder;
  #byId: ReadonlyMap<string, Piece> = new Map();
  #states = new Map<number, SubtaskState>();
  /** How many nodes each node of the graph still waits for. */
  #left: Int32Array = new Int32Array();
  #finished = new Uint8Array();
  readonly #ready = new Set<number>();
  readonly #held = new Set<number>();
  readonly #blocked = new Set<number>();
  readonly #decomposing = new Set<number>();
  #counts = new Map<SubtaskStatus, number>();
  #tasksCompleted = 0;
  /** Places of those that ended last, the newest last. */
  #ended: number[] = [];

  constructor(plan: Plan, rows: Iterable<SubtaskState> = []) {
    this.#plan = plan;
    this.#order = workOrderOf(plan);
    this.#begin(rows);
  }

  /** The plan as this execution does it: tasks that were taken apart here have their subtasks. */
  get plan(): Plan {
    return this.#plan;
  }
  get order(): WorkOrder {
    return this.#order;
  }

  /** A task was taken apart: all is counted anew, once for each such task. */
  #replan(plan: Plan): void {
    const rows = [...this.#states.values()];
    this.#plan = plan;
    this.#order = workOrderOf(plan);
    this.#begin(rows);
  }

  #begin(rows: Iterable<SubtaskState>): void {
    const { graph, pieces } = this.order;
    this.#states = new Map();
    for (const places of [this.#ready, this.#held, this.#blocked, this.#decomposing]) places.clear();
    this.#tasksCompleted = 0;
    this.#byId = new Map(pieces.map((piece) => [piece.id, piece]));
    this.#left = graph.waitsFor.slice();
    this.#finished = new Uint8Array(this.#left.length);
    this.#counts = new Map([["queued", pieces.length]]);
    for (const row of rows) this.#load(row);
    for (const [node, count] of graph.waitsFor.entries()) if (count === 0) this.#open(node);
    for (const [at, state] of this.#states) if (isDone(state)) this.#finish(2 * graph.tasks + at);
    this.#ended = this.#lastEnded();
  }

  #load(row: SubtaskState): void {
    const piece = this.#byId.get(row.id);
    if (piece) this.#set(piece, row);
  }

  #lastEnded(): number[] {
    const ended = [...this.#states].filter(([, { completedAtMs }]) => completedAtMs !== undefined);
    ended.sort(([, a], [, b]) => (a.completedAtMs ?? 0) - (b.completedAtMs ?? 0));
    return ended.slice(-OUTCOMES).map(([at]) => at);
  }

  piece(id: string): Piece | undefined {
    return this.#byId.get(id);
  }

  pieces(places: Iterable<number>): Piece[] {
    const { pieces } = this.order;
    return [...places].flatMap((at) => pieces[at] ?? []);
  }

  state({ at, id }: Pick<Piece, "at" | "id">): SubtaskState {
    return this.#states.get(at) ?? { id, ...NEW_SUBTASK };
  }

  count(status: SubtaskStatus): number {
    return this.#counts.get(status) ?? 0;
  }

  /** Those that may be given out, in any order. */
  get ready(): readonly Piece[] {
    return this.pieces(this.#ready);
  }
  /** Those that agents hold. */
  get held(): readonly Piece[] {
    return this.pieces(this.#held);
  }
  get blocked(): readonly Piece[] {
    return this.pieces(this.#blocked);
  }
  /** Tasks that are taken apart now. */
  get decomposing(): readonly Piece[] {
    return this.pieces(this.#decomposing);
  }
  get total(): number {
    return this.order.pieces.length;
  }
  get tasksCompleted(): number {
    return this.#tasksCompleted;
  }
  get subtasksCompleted(): number {
    return this.count("complete") + this.count("skipped");
  }

  /** Something goes on without a person: it is ready, held, or will be ready, or is taken apart. */
  get canRun(): boolean {
    const able = [...this.#ready].some((at) => this.actionAt(at) !== null);
    const going = ["leased", "started", "delayed", "decomposing"] as const;
    return able || going.some((status) => this.count(status) > 0);
  }

  /** What is asked of an agent: the plan's action, or what a person chose instead. */
  actionAt(at: number): string | null {
    return this.#states.get(at)?.instead?.action ?? this.order.pieces[at]?.subtask.action ?? null;
  }

  /** The ready one that comes first among those that fit. */
  first(fits: (piece: Piece) => boolean): Piece | undefined {
    let best: Piece | undefined;
    for (const piece of this.ready) if ((best === undefined || piece.rank < best.rank) && fits(piece)) best = piece;
    return best;
  }

  /** The one that is worked at, or comes next. */
  get current(): Piece | undefined {
    const held = [...this.held].sort((a, b) => a.rank - b.rank);
    return held[0] ?? this.first((piece) => this.actionAt(piece.at) !== null);
  }

  /** What was said at the end of those before, the newest last. */
  get outcomes(): string[] {
    return this.pieces(this.#ended).map((piece) => this.state(piece).outcome ?? piece.subtask.title);
  }

  /** The next ones after a piece that are not done. */
  after({ rank }: Piece, limit: number): Piece[] {
    const found: Piece[] = [];
    const { ranked, pieces } = this.order;
    for (let next = rank + 1; next < ranked.length && found.length < limit; next += 1) {
      const piece = pieces[ranked[next] ?? -1];
      if (piece && !isDone(this.state(piece))) found.push(piece);
    }
    return found;
  }

  /** Moves by an event; returns the rows that changed. Events that are not about work change none. */
  apply(event: Event): readonly SubtaskState[] {
    if (event.type === "task.decomposed")
      this.#replan(withDecomposed(this.#plan, [{ found: event.data, atMs: event.atMs }]));
    const changed = new SubtaskMoves(this).of(event);
    for (const state of changed) {
      const piece = this.#byId.get(state.id);
      if (!piece) continue;
      this.#set(piece, state);
      if (!isDone(state)) continue;
      this.#ended = [...this.#ended.filter((at) => at !== piece.at), piece.at].slice(-OUTCOMES);
      this.#finish(2 * this.order.graph.tasks + piece.at);
    }
    return changed;
  }

  #set(piece: Piece, state: SubtaskState): void {
    const { at } = piece;
    const before = this.state(piece).status;
    this.#counts.set(before, this.count(before) - 1);
    this.#counts.set(state.status, this.count(state.status) + 1);
    this.#states.set(at, state);
    this.#keep(this.#held, at, isHeld(state));
    this.#keep(this.#blocked, at, state.status === "blocked");
    this.#keep(this.#decomposing, at, state.status === "decomposing");
    this.#keep(this.#ready, at, this.#isReady(at));
  }

  #keep(places: Set<number>, at: number, isIn: boolean): void {
    if (isIn) places.add(at);
    else places.delete(at);
  }

  #isReady(at: number): boolean {
    const { graph } = this.order;
    return this.#left[2 * graph.tasks + at] === 0 && (this.#states.get(at)?.status ?? "queued") === "queued";
  }

  /** Nothing is waited for any more: a piece is ready, anything else is over with that. */
  #open(node: number): void {
    const at = pieceAt(this.order.graph, node);
    if (at === undefined) this.#finish(node);
    else this.#keep(this.#ready, at, this.#isReady(at));
  }

  #finish(first: number): void {
    const { graph } = this.order;
    const queue = [first];
    for (const node of queue) {
      if (this.#finished[node] === 1) continue;
      this.#finished[node] = 1;
      if (node >= graph.tasks && node < 2 * graph.tasks) this.#tasksCompleted += 1;
      for (const waiter of graph.waiting.subarray(graph.from[node], graph.from[node + 1])) {
        const left = (this.#left[waiter] ?? 0) - 1;
        this.#left[waiter] = left;
        if (left !== 0) continue;
        const at = pieceAt(graph, waiter);
        if (at === undefined) queue.push(waiter);
        else this.#keep(this.#ready, at, this.#isReady(at));
      }
    }
  }
}
