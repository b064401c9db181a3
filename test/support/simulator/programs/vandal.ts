/**
 * A program that changes everything it is handed: it works with a copy, and spoils what it got. Whoever still held that
 * (the log, the index, a scratchpad) would say something else afterwards.
 */
import type { AttemptContext, Context, Scratchpad } from "../../../../src/define/context.ts";
import { StepError } from "../../../../src/define/errors.ts";

/** `heard` is called with each answer that the program gets. */
export function vandal<C extends Context>(ctx: C, heard: () => void = () => {}): C {
  return new Proxy(ctx, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name === "scratchpad") return spoilingPad(value as Scratchpad);
      if (name === "files") return spoiled(value);
      if (typeof value !== "function") return value;
      const verb = value as (...args: unknown[]) => unknown;
      return (...given: unknown[]) => spoilingVerb({ ctx: target, verb, heard }, given);
    },
  });
}

interface Called {
  readonly ctx: unknown;
  readonly verb: (...args: unknown[]) => unknown;
  readonly heard: () => void;
}

function spoilingVerb({ ctx, verb, heard }: Called, given: readonly unknown[]): unknown {
  const args = given.map((one) =>
    typeof one === "function" ? spoilingCallback(one as (...args: unknown[]) => unknown, heard) : one,
  );
  const answer = Reflect.apply(verb, ctx, args);
  if (!(answer instanceof Promise)) return answer;
  answer.then(heard, heard);
  const own = answer.then(spoiled, (error: unknown) => {
    if (error instanceof StepError) throw new StepError(error.code, error.message, spoiled(error.details));
    throw error;
  });
  own.catch(() => {});
  return own;
}

/** A callback is handed a try, or the context of a branch. */
function spoilingCallback(fn: (...args: unknown[]) => unknown, heard: () => void) {
  return (...handed: unknown[]) =>
    fn(
      ...handed.map((one) => {
        if (!isObject(one)) return one;
        if ("executionId" in one) return vandal(one as unknown as Context, heard);
        return "scratchpad" in one ? spoilingTry(one as unknown as AttemptContext) : one;
      }),
    );
}

function spoilingTry(attempt: AttemptContext): AttemptContext {
  const pad = spoilingPad(attempt.scratchpad);
  return new Proxy(attempt, {
    get: (target, name) => (name === "scratchpad" ? pad : (Reflect.get(target, name, target) as unknown)),
  });
}

function spoilingPad(pad: Scratchpad): Scratchpad {
  return {
    record: (name, value) => {
      const handed = structuredClone(value);
      pad.record(name, handed);
      spoil(handed);
    },
    read: (name) => spoiled(pad.read(name)),
    clear: () => pad.clear(),
  };
}

/** A copy of a value that is no more. */
export function spoiled<T>(value: T): T {
  if (!isObject(value)) return value;
  const copy = structuredClone(value);
  spoil(value);
  return copy;
}

function spoil(value: unknown): void {
  if (!isObject(value)) return;
  for (const [name, field] of Object.entries(value)) {
    spoil(field);
    value[name] = `spoiled ${name}`;
  }
  if (Array.isArray(value)) value.push("spoiled");
  else value.spoiled = true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
