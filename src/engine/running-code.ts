import type { Growth } from "./growths.ts";

/** What the engine knows of the code that runs here, and of its process; all of it may be absent. A part of `World`. */
export interface RunningCode {
  /** Names it: deaths of processes, and tries of a changed program, are counted apart for each. */
  readonly deployment?: string;
  /** What this execution, and others of its process, have taken in. */
  readonly growth?: Growth;
  /** Called right before a program is begun from the top. */
  readonly onBegin?: () => void;
  /** True for an execution whose program never rested in an earlier process: it is not begun, but blocked. */
  readonly isHeldBack?: () => boolean;
}
