/**
 * The code that objects run. While a deployment rolls out two versions of it run side by side, as on the platform for some
 * minutes: each object runs the one that it was loaded with, and a later process of it may run the other one.
 */
import type { AgentDefinition } from "../../../../src/define/agent.ts";
import type { World } from "../../../../src/engine/ports.ts";

interface Code {
  readonly deployment: string | undefined;
  readonly agents: readonly AgentDefinition[];
}

export class RunningCode {
  #newest: Code;
  /** While the newest one rolls out. */
  #older: Code | undefined;
  readonly #loaded = new Map<string, Code>();

  constructor(agents: readonly AgentDefinition[]) {
    this.#newest = { deployment: undefined, agents };
  }

  /** Every object is loaded anew, and runs it. */
  replace(newest: Code): void {
    this.#newest = newest;
    this.#older = undefined;
    this.#loaded.clear();
  }

  /** Objects in memory run what they run. */
  rollOut(newest: Code): void {
    this.#older = this.#newest;
    this.#newest = newest;
  }

  /** The older code is taken away. Returns the objects that run it still. */
  endRollOut(): string[] {
    this.#older = undefined;
    return [...this.#loaded].flatMap(([id, code]) => (code === this.#newest ? [] : [id]));
  }

  load(id: string, draw: () => number): void {
    this.#loaded.set(id, this.#older && draw() < 0.5 ? this.#older : this.#newest);
  }

  /** What an object of the older code is named after; the others have the name of the world's. */
  deploymentOf(id: string, newest: string | undefined): string | undefined {
    const code = this.#loaded.get(id) ?? this.#newest;
    return code === this.#newest ? newest : code.deployment;
  }

  readonly find =
    (id: string): World["find"] =>
    (agent, fn) => {
      const { agents } = this.#loaded.get(id) ?? this.#newest;
      const found = agents.find((known) => known.id === agent);
      const definition = found?.functions.get(fn);
      return found && definition ? { definition, version: found.version } : undefined;
    };
}
