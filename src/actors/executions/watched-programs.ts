/**
 * While the server of a laptop starts, its launcher hears which program has control: one that never rests would keep the
 * server from becoming ready. A deployment needs none of it: the platform ends what computes for too long.
 */
import type { Origin } from "../../domain/execution/origin.ts";
import type { World } from "../../engine/ports.ts";

export interface ProgramWatch {
  /** Milliseconds after the start of the isolate in which notes are made; 0: never. */
  readonly forMs: number;
  /** Executions that never rested before: their programs are not begun. */
  readonly held: ReadonlySet<string>;
  readonly note: (what: "begins" | "rests", program: { readonly id: string; readonly target: string }) => void;
}

let sinceMs: number | undefined;

export function watched(world: World, watch: ProgramWatch, originOf: () => Origin | undefined): World {
  const { forMs, held, note } = watch;
  if (forMs === 0) return world;
  sinceMs ??= world.now();
  const begun = sinceMs;
  const report = (what: "begins" | "rests") => {
    const origin = originOf();
    if (origin && world.now() - begun < forMs) note(what, { id: origin.id, target: `${origin.agent}.${origin.fn}` });
  };
  return {
    ...world,
    onBegin: () => report("begins"),
    isHeldBack: () => held.has(originOf()?.id ?? ""),
    drainMicrotasks: async () => {
      report("begins");
      await world.drainMicrotasks();
      report("rests");
    },
  };
}
