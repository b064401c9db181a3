import * as z from "zod";

/** Rows hold less: what is larger lies in the file store, and the event of the end names it. */
export const MAX_RESULT_BYTES = 16 * 1_048_576;

export const StoredResult = z.object({
  /** Bytes of its JSON. */
  size: z.number().int(),
  digest: z.string(),
});
export type StoredResult = z.infer<typeof StoredResult>;

/** An execution has one result, so its object needs no other name; it stays as long as the log. */
export function resultKey({ tenant, id }: { readonly tenant: string; readonly id: string }): string {
  return `results/${tenant}/${id}`;
}

/** The effect that puts it there. */
export const STORE_RESULT = "store the output";

export function storesResult({ kind, name }: { readonly kind: string; readonly name: string }): boolean {
  return kind === "effect" && name === STORE_RESULT;
}
