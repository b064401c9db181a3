/**
 * Everything that is pending in the little platform, as operations of which the scheduler runs one at a time.
 *
 * - What leaves an actor waits until its own commits of that moment are on disk (the output gate), and for nobody else's.
 * - An operation belongs to one incarnation of one actor and dies with it; only a request whose sender's commits had
 *   reached the disk may survive its sender, and then nobody hears the answer.
 * - A caller whose callee dies hears an error.
 */
import type { SimStore } from "./sim-store.ts";

export interface Operation {
  readonly label: string;
  readonly owner: string;
  readonly run: () => void;
  /** The commit that has to be on disk before this leaves. */
  readonly mark?: number;
  /** What the outside knows the request by. */
  readonly key?: string;
}

const DURABLE = { mark: 0, flushed: () => {}, isDurable: () => true };

interface Call {
  readonly from: string;
  readonly to: string;
  readonly fail: (error: Error) => void;
}

export class Network {
  operations: Operation[] = [];
  readonly #calls = new Set<Call>();
  readonly #incarnations = new Map<string, number>();
  readonly #storeOf: (id: string) => Pick<SimStore, "mark" | "flushed" | "isDurable">;

  constructor(storeOf: (id: string) => SimStore) {
    // What a limiter commits is on disk at once.
    this.#storeOf = (id) => (id.startsWith("limiter:") ? DURABLE : storeOf(id));
  }

  /** Tells later whether the present incarnation of an actor still lives. */
  lifeOf(id: string): () => boolean {
    const born = this.#incarnations.get(id) ?? 0;
    return () => (this.#incarnations.get(id) ?? 0) === born;
  }

  put(operation: Operation): void {
    this.operations.push(operation);
  }

  run(operation: Operation): void {
    if (operation.mark !== undefined) this.#storeOf(operation.owner).flushed(operation.mark);
    operation.run();
  }

  /** A request to somebody who never dies: it arrives, and its answer is one more operation. */
  request<T>(from: string, { label, key, work }: { label: string; key?: string; work: () => T }): Promise<T> {
    const alive = this.lifeOf(from);
    return new Promise((resolve, reject) => {
      const answer = (settle: () => void) => {
        if (alive()) this.put({ label: `${label} answered`, owner: from, run: settle });
      };
      const run = () => {
        try {
          const value = work();
          answer(() => resolve(value));
        } catch (error) {
          answer(() => reject(error));
        }
      };
      this.put({ label, owner: from, mark: this.#storeOf(from).mark, run, ...(key === undefined ? {} : { key }) });
    });
  }

  /** A call of another actor: its answer waits for the callee's disk, and is lost with the callee. */
  call<T>(
    from: string,
    { label, to, receive }: { label: string; to: string; receive: () => T | Promise<T> },
  ): Promise<T> {
    const alive = this.lifeOf(from);
    return new Promise((resolve, reject) => {
      const settle = (run: () => void) => {
        if (alive()) run();
      };
      const arrive = async () => {
        const there = this.lifeOf(to);
        const call: Call = { from, to, fail: (error) => settle(() => reject(error)) };
        this.#calls.add(call);
        const answer = (run: () => void) => {
          if (!there()) return;
          const leave = () => {
            this.#calls.delete(call);
            settle(run);
          };
          this.put({ label: `${label} answered`, owner: to, mark: this.#storeOf(to).mark, run: leave });
        };
        try {
          const value = await receive();
          answer(() => resolve(value));
        } catch (error) {
          answer(() => reject(error));
        }
      };
      this.put({ label, owner: from, mark: this.#storeOf(from).mark, run: () => void arrive() });
    });
  }

  /** An actor dies. `lucky` decides about each request of its that was ready to leave. */
  crash(id: string, lucky: () => boolean): void {
    this.#incarnations.set(id, (this.#incarnations.get(id) ?? 0) + 1);
    const store = this.#storeOf(id);
    const survives = ({ mark, label }: Operation) =>
      mark !== undefined && !label.endsWith(" answered") && store.isDurable(mark) && lucky();
    this.operations = this.operations.filter((operation) => operation.owner !== id || survives(operation));
    for (const call of [...this.#calls]) {
      if (call.from === id) this.#calls.delete(call);
      if (call.to !== id || call.from === id) continue;
      this.#calls.delete(call);
      this.put({ label: `lost call to ${id}`, owner: call.from, run: () => call.fail(new Error(`${id} is gone`)) });
    }
  }
}
