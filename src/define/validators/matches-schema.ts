import { readJson } from "../execution/read-json.ts";
import type { StandardSchema } from "../schema.ts";
import { check, inLines } from "../schema.ts";
import type { Validator } from "../validator.ts";
import { fail, pass } from "../validator.ts";
import { validJson } from "./valid-json.ts";

/** More would not help the model. */
const MOST_ERRORS = 20;

/** The response is JSON that fits the schema; each field that does not is named by its path. */
export function matchesSchema(schema: StandardSchema): Validator {
  return {
    name: "matches_schema",
    async validate(...asked) {
      const read = readJson(asked[0]);
      if (!read.ok) return validJson.validate(...asked);
      const checked = await check(schema, read.value);
      if (checked.ok) return pass;
      const lines = inLines(checked.errors.slice(0, MOST_ERRORS));
      return fail({ feedback: `The response does not fit its schema:\n${lines}\nPlease correct it.` });
    },
  };
}
