/**
 * What an event means to those who look at some events only. `timer`: it sets or clears timers. `lost`: its loss in a crash
 * may mean only computing it again. `value`: it holds what an entry ended with. `input`: it holds what an entry was asked.
 * `index`: the index of entries changes by it.
 */
export type Trait = "timer" | "lost" | "value" | "input" | "index";

/** A line for each event of a family. */
export type TraitsOf<Family> = Readonly<Record<keyof Family, readonly Trait[]>>;
