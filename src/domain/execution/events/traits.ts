/**
 * What an event means to those who look at some events only. Each line of a family says yes or no to each of them; a yes does
 * not compile until that reader has the case.
 */
interface Traits {
  /** It sets or clears timers: `fold/reactions.ts`. */
  readonly timer: boolean;
  /** It sends something by itself, not by the status that it leads to: `fold/messages.ts`. */
  readonly message: boolean;
  /** The index of entries changes by it: `fold/entry-index.ts`. */
  readonly index: boolean;
  /** It holds what an entry ended with: `entry-value.ts`. */
  readonly value: boolean;
  /** It holds what an entry was asked: `entry-value.ts`. */
  readonly input: boolean;
  /** Its loss in a crash may mean only computing it again. */
  readonly lost: boolean;
}
export type Trait = keyof Traits;

/** A line for each event of a family. */
export type TraitsOf<Family> = Readonly<Record<keyof Family, Traits>>;

/** The state changes by it, and nothing else. */
export const STATE_ONLY = {
  timer: false,
  message: false,
  index: false,
  value: false,
  input: false,
  lost: false,
} as const satisfies Traits;
