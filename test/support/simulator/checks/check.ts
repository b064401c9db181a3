import type { SimWorld } from "../sim-world.ts";

/** One promise, asked of the whole little platform; `all-checks.ts` registers it. */
export interface Check {
  /** What is promised. */
  readonly name: string;
  readonly asked: "after each harm" | "at the end";
  /** All that breaks it. */
  readonly wrongs: (world: SimWorld) => string[];
}

/** Asked of each execution that exists. */
export function ofEach(ask: (world: SimWorld, id: string) => string[]): Check["wrongs"] {
  return (world) => [...world.stores].flatMap(([id, { view }]) => (view.state ? ask(world, id) : []));
}
