import { z } from "zod";

/**
 * A list of at most `max` items, whose length is looked at before any of them: zod's own `max` is looked at after all items,
 * and a body of millions that do not fit becomes millions of objects that say so.
 */
export function boundedList<Item extends z.ZodType>(
  item: Item,
  { min = 0, max }: { readonly min?: number; readonly max: number },
): z.ZodType<z.output<Item>[], z.input<Item>[]> {
  const list = z.array(item).min(min).max(max);
  return z.preprocess((value, ctx) => {
    if (!Array.isArray(value) || value.length <= max) return value;
    ctx.addIssue({ code: "custom", message: `has ${value.length} items, and at most ${max} are taken` });
    return z.NEVER;
  }, list) as unknown as z.ZodType<z.output<Item>[], z.input<Item>[]>;
}
