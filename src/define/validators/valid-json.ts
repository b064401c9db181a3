import { readJson } from "../execution/read-json.ts";
import type { Validator } from "../validator.ts";
import { fail, pass } from "../validator.ts";

/** The response is JSON and nothing else; a code fence around all of it is forgiven. */
export const validJson: Validator = {
  name: "valid_json",
  validate(response) {
    const read = readJson(response);
    if (read.ok) return pass;
    return fail({ feedback: refusedJson(read.reason) });
  },
};

export function refusedJson(reason: string): string {
  return `The response must be valid JSON and nothing else: ${reason}. Please try again.`;
}
