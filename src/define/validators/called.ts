import type { Validator } from "../validator.ts";
import { fail, pass } from "../validator.ts";
import { notCalled, wasCalled } from "./items.ts";

/**
 * Returns a validator that passes when the tool ran at least once in this attempt, with any outcome. A call that its schema
 * refused did not run.
 */
export function called(tool: string): Validator {
  return {
    name: `called:${tool}`,
    validate(_response, _input, scratchpad) {
      return wasCalled(scratchpad, tool) ? pass : fail({ feedback: notCalled(tool) });
    },
  };
}
