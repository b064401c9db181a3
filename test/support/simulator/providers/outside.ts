/** What lies beyond Errand in the simulator: it counts what reaches it, so that nothing happens twice unseen. */
import type { AttemptContext, OutcomeCheck } from "../../../../src/define/context.ts";
import type { Json } from "../../../../src/domain/values/json.ts";

/** How a request reaches the outside: when the sender's storage is on disk, and one more operation until it is answered. */
export type Reach = (request: {
  readonly label: string;
  readonly key: string;
  readonly work: () => Json;
}) => Promise<Json>;

/** What became of one idempotency key beyond Errand. */
interface Fact {
  readonly name: string;
  applied: number;
  answer: Json;
}

/** The world beyond Errand: it remembers what reached it, and honours idempotency keys where it is asked to. */
export class Outside {
  readonly calls = new Map<string, number>();
  readonly facts = new Map<string, Fact>();
  /** Names in the order in which they were applied. */
  readonly order: string[] = [];

  /** How often each thing was really done, by name. */
  applied(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { name, applied } of this.facts.values()) counts[name] = (counts[name] ?? 0) + applied;
    return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  count(name: string): number {
    const count = (this.calls.get(name) ?? 0) + 1;
    this.calls.set(name, count);
    return count;
  }

  apply(name: string, key: string, { once }: { readonly once: boolean }): Json {
    const fact = this.facts.get(key) ?? { name, applied: 0, answer: `${name}!` };
    if (fact.applied === 0 || !once) {
      fact.applied += 1;
      this.order.push(name);
    }
    this.facts.set(key, fact);
    return fact.answer;
  }
}

/** The outside as one execution reaches it: its requests wait for its own storage and for nobody else's. */
export class Wire {
  readonly #outside: Outside;
  readonly #reach: Reach;
  readonly #underWay: (key: string) => boolean;

  constructor(outside: Outside, reach: Reach, underWay: (key: string) => boolean) {
    this.#outside = outside;
    this.#reach = reach;
    this.#underWay = underWay;
  }

  /** Done once a key, however often it is called. */
  idempotent(name: string, { idempotencyKey: key }: AttemptContext): Promise<Json> {
    return this.#reach({
      label: name,
      key,
      work: () => {
        this.#outside.count(name);
        return this.#outside.apply(name, key, { once: true });
      },
    });
  }

  /** Done at each call. */
  plain(name: string, { idempotencyKey: key }: AttemptContext): Promise<Json> {
    return this.#reach({
      label: name,
      key,
      work: () => {
        this.#outside.count(name);
        return this.#outside.apply(name, key, { once: false });
      },
    });
  }

  /** Two requests, one after the other, whatever the try's signal says in between. */
  async twice(name: string, { idempotencyKey: key }: AttemptContext): Promise<Json> {
    const done = await this.#reach({
      label: name,
      key,
      work: () => this.#outside.apply(name, key, { once: true }),
    });
    await this.#reach({ label: `again ${name}`, key: `${key} again`, work: () => null });
    return done;
  }

  /** Answers with an error so many times, then does it once a key. */
  async flaky(name: string, { idempotencyKey: key }: AttemptContext, failures: number): Promise<Json> {
    const answer = await this.#reach({
      label: name,
      key,
      work: () => {
        if (this.#outside.count(`${name} ${key}`) <= failures) return { failed: true };
        return this.#outside.apply(name, key, { once: true });
      },
    });
    if (typeof answer === "object") throw new Error(`${name} is not available`);
    return answer;
  }

  /** Done once a key, and never answered. */
  async silent(name: string, { idempotencyKey: key }: AttemptContext): Promise<Json> {
    await this.#reach({ label: name, key, work: () => this.#outside.apply(name, key, { once: true }) });
    return new Promise(() => {});
  }

  /** Was it done? Nobody can tell while the request is still on its way. */
  async probe({ idempotencyKey: key }: Pick<AttemptContext, "idempotencyKey">): Promise<OutcomeCheck> {
    if (this.#underWay(key)) return undefined;
    const found = await this.look(key);
    return found === null ? { happened: false } : { happened: true, result: found };
  }

  /** What the outside says about a key: was it done? */
  look(key: string): Promise<Json> {
    return this.#reach({ label: "look", key: `look ${key}`, work: () => this.#outside.facts.get(key)?.answer ?? null });
  }
}
