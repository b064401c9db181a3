import type { Validator } from "../validator.ts";
import { fail, pass } from "../validator.ts";
import { itemsOf, named, notCalled, wasCalled } from "./items.ts";

type Item = string | number;
type WithItems<Field extends string> = { readonly [K in Field]?: readonly Item[] | null | undefined };

/**
 * The tool recorded an outcome, good or bad, for every item that the input names in `inputField`; those it did not are
 * named. An input without items asks for nothing.
 */
export function everyItemAttempted<const Field extends string>(
  inputField: Field,
  tool: string,
): Validator<WithItems<Field>> {
  return {
    name: `every_item_attempted:${tool}`,
    validate(_response, input, scratchpad) {
      const wanted = (input[inputField] ?? []).map(String);
      if (wanted.length === 0) return pass;
      if (!wasCalled(scratchpad, tool)) return fail({ feedback: notCalled(tool) });
      const attempted = itemsOf(scratchpad, tool);
      const missing = wanted.filter((item) => !attempted.has(item));
      if (missing.length === 0) return pass;
      return fail({ feedback: `"${tool}" was not used for these items: ${named(missing)}. Please process them too.` });
    },
  };
}
