/** A tool's or an effect's own probe answers for a try whose end nobody saw; a person is asked when it cannot tell. */
import type { EffectOptions } from "../define/context.ts";
import { InDoubt } from "../define/errors.ts";
import type { Work } from "./work.ts";

/** The try did not reach the outside. */
export class NeverHappened extends Error {
  /** How it ended here, where it ended here: then it failed. An interrupted one was merely not made. */
  readonly failure: unknown;

  constructor(failure: unknown) {
    super("the try never happened");
    this.failure = failure;
  }
}

/** The same work, asked instead of done. `failure` is what a try of this process ended with. */
export function probing(work: Work, probe: NonNullable<EffectOptions["probe"]>, failure?: unknown): Work {
  const perform: Work["perform"] = async (attempt) => {
    const found = await probe(attempt).catch((error: unknown) => {
      throw new InDoubt(`the probe of "${work.name}" failed: ${String(error)}`);
    });
    if (!found) throw new InDoubt(`the probe of "${work.name}" could not tell`);
    if (!found.happened) throw new NeverHappened(failure);
    return found.result;
  };
  return { ...work, perform, probing: true };
}
