import type { Validator } from "../validator.ts";
import { fail, pass } from "../validator.ts";
import { failedCalls, failureOfItem, itemsOf, named, notCalled, wasCalled } from "./items.ts";

/**
 * Everything the tool was used for in this attempt went well: no item it recorded is falsy or `{ ok: false }`, and no call
 * of it ended in an error that a later call with the same input did not mend. The failed ones are named. A tool that was
 * not called at all is a failure too, and says so.
 */
export function allSucceeded(tool: string): Validator {
  return {
    name: `all_succeeded:${tool}`,
    validate(_response, _input, scratchpad) {
      if (!wasCalled(scratchpad, tool)) return fail({ feedback: notCalled(tool) });
      const items = [...itemsOf(scratchpad, tool)].flatMap(([item, outcome]) => {
        const why = failureOfItem(outcome);
        return why === undefined ? [] : [why === "failed" ? item : `${item} (${why})`];
      });
      const calls = failedCalls(scratchpad.calls(tool)).map(({ input, outcome }) =>
        outcome.ok ? "" : `${JSON.stringify(input).slice(0, 200)} (${outcome.error.slice(0, 200)})`,
      );
      if (items.length + calls.length === 0) return pass;
      const failed = named([...items, ...calls]);
      return fail({ feedback: `The following items of "${tool}" failed: ${failed}. Please retry them.` });
    },
  };
}
