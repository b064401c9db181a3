/**
 * Starts in the order in which they go: the better level first, then the fairness key whose turn it is, then first come.
 *
 * A start moves up a level at most four times, and each move, each `add` and each `take` costs the logarithm of what
 * waits. What was removed is passed over when it comes up.
 */
import { Heap } from "./heap.ts";
import type { QueuedStart } from "./queued-start.ts";
import { leavesLevelAtMs, levelAt } from "./queued-start.ts";
import type { Turns } from "./turns.ts";

/** A start in a line. */
export interface Placed {
  readonly start: QueuedStart;
  /** Grows with each start that comes. */
  readonly came: number;
  /** Where it stands now; a line passes over what stands elsewhere. */
  line: Line | undefined;
  level: number;
}

interface Group {
  readonly fairness: string;
  readonly placed: Heap<Placed>;
  /** Those that still stand here. */
  size: number;
}

interface Turn {
  readonly turn: number;
  readonly group: Group;
}

class Level {
  readonly groups = new Map<string, Group>();
  readonly turns = new Heap<Turn>((a, b) => a.turn < b.turn);
  size = 0;
}

const LEVELS = [1, 2, 3, 4, 5];

export class Line {
  readonly #turns: Turns;
  readonly #levels = LEVELS.map(() => new Level());
  readonly #promotions = new Heap<{ readonly atMs: number; readonly placed: Placed; readonly from: number }>(
    (a, b) => a.atMs < b.atMs,
  );

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  add(placed: Placed, now: number): void {
    this.#place(placed, levelAt(placed.start, now));
  }

  /** It stands here no longer. */
  remove(placed: Placed): void {
    this.#leave(placed);
    placed.line = undefined;
  }

  /** The one that goes next; it stays. */
  first(now: number): Placed | undefined {
    this.#promote(now);
    for (const level of this.#levels) {
      const placed = this.#firstOf(level);
      if (placed) return placed;
    }
    return undefined;
  }

  /**
   * How many of this line go before it, as far as is known now: turns that the better levels use up may change it by one
   * round. Reads what waits at its level.
   */
  before(placed: Placed, now: number): number {
    this.#promote(now);
    const { level, came, start } = placed;
    const better = this.#levels.slice(0, level - 1).reduce((sum, { size }) => sum + size, 0);
    const at = this.#levels[level - 1];
    const own = at?.groups.get(start.fairness);
    if (!at || !own) return better;
    let round = 0;
    for (const other of own.placed.all) if (other.came < came && this.#stands(other, level)) round += 1;
    let before = better + round;
    const turn = this.#turns.of(start.fairness);
    for (const group of at.groups.values()) {
      if (group === own) continue;
      before += Math.min(group.size, this.#turns.of(group.fairness) < turn ? round + 1 : round);
    }
    return before;
  }

  #place(placed: Placed, at: number): void {
    const { start } = placed;
    const level = this.#levels[at - 1] as Level;
    placed.line = this;
    placed.level = at;
    level.size += 1;
    const known = level.groups.get(start.fairness);
    const group = known ?? { fairness: start.fairness, placed: new Heap<Placed>((a, b) => a.came < b.came), size: 0 };
    group.size += 1;
    group.placed.add(placed);
    if (!known) {
      level.groups.set(start.fairness, group);
      level.turns.add({ turn: this.#turns.of(start.fairness), group });
    }
    if (at > 1) this.#promotions.add({ atMs: leavesLevelAtMs(start, at), placed, from: at });
  }

  #leave({ start, level: at }: Placed): void {
    const level = this.#levels[at - 1];
    const group = level?.groups.get(start.fairness);
    if (level) level.size -= 1;
    if (group) group.size -= 1;
  }

  #promote(now: number): void {
    for (let due = this.#promotions.first; due && due.atMs <= now; due = this.#promotions.first) {
      this.#promotions.take();
      const { placed, from } = due;
      if (!this.#stands(placed, from)) continue;
      this.#leave(placed);
      this.#place(placed, Math.min(from - 1, levelAt(placed.start, now)));
    }
  }

  #stands(placed: Placed, level: number): boolean {
    return placed.line === this && placed.level === level;
  }

  #firstOf(level: Level): Placed | undefined {
    const number = this.#levels.indexOf(level) + 1;
    for (let next = level.turns.first; next; next = level.turns.first) {
      const { group, turn } = next;
      const now = this.#turns.of(group.fairness);
      if (group.size === 0) {
        level.turns.take();
        level.groups.delete(group.fairness);
      } else if (now !== turn) {
        level.turns.take();
        level.turns.add({ turn: now, group });
      } else return firstStanding(group, (placed) => this.#stands(placed, number));
    }
    return undefined;
  }
}

/** What left it before is let go of. */
function firstStanding({ placed }: Group, stands: (placed: Placed) => boolean): Placed | undefined {
  while (placed.first && !stands(placed.first)) placed.take();
  return placed.first;
}
