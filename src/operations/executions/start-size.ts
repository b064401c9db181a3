import { inlineBytes, MAX_INLINE_BYTES } from "../../contract/inline-json.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";

interface Kept {
  readonly input: unknown;
  readonly context: unknown;
  readonly metadata: unknown;
}

/** What is kept with the start, in one row: its limit is for the three together, and the largest is named. */
export function tooLarge({ input, context, metadata }: Kept): Refusal | undefined {
  const sizes = Object.entries({ input, context, metadata }).map(([name, value]) => ({
    name,
    size: inlineBytes(value),
  }));
  const sum = sizes.reduce((total, { size }) => total + size, 0);
  if (sum <= MAX_INLINE_BYTES) return undefined;
  const { name, size } = sizes.reduce((a, b) => (b.size > a.size ? b : a));
  const limit = `at most ${MAX_INLINE_BYTES} (1 MiB) of input, context and metadata together are taken inline`;
  return refuse("payload_too_large", `${name}: has ${size} bytes, and ${limit}`);
}
