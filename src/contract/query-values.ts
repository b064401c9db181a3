import * as z from "zod";

/** A number of a query, in decimal digits: `Number` alone would also read "", " 5", "0x10" and "1e3". */
export function numberText(schema: z.ZodNumber) {
  return z.preprocess(
    // Plus zero: no minus zero leaves this place.
    (text) => (typeof text === "string" && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) + 0 : text),
    schema,
  );
}

/** A name or a part of one, as a filter. */
export const Word = z
  .string()
  .max(256)
  .regex(/^\P{Cc}*$/u, "must hold no control characters");

/** A page of what is ordered by name: the cursor is the last name of the page before. */
export const NamesQuery = z.object({
  limit: numberText(z.number().int().min(1).max(200)).default(200),
  cursor: Word.optional().describe("next_cursor of the page before."),
});
export type NamesQuery = z.infer<typeof NamesQuery>;
