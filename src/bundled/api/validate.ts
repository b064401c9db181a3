/** `api.validate`: what a linter says of an OpenAPI document, with the lines. A document that does not fit is a result, no failure. */
import * as z from "zod";
import { defineSkill, service } from "../../define/index.ts";
import { ApiDocument, textOf } from "./document.ts";
import type { Linter } from "./linter.ts";

const Problem = z.object({
  rule: z.string(),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  pointer: z.string().describe("Where it is, as a JSON Pointer."),
  line: z.int(),
  column: z.int(),
});
const Answer = z.object({ problems: z.array(Problem) });

/** Most findings that are told; the numbers count all. */
const MOST_TOLD = 100;

export const apiValidate = defineSkill({
  name: "api.validate",
  description: "Checks an OpenAPI document against the rules of a linter. Says what is wrong, with rule and line.",
  version: "1.0.0",
  input: z.object({
    document: ApiDocument,
    strict_mode: z.boolean().default(false).describe("true: warnings make it invalid too."),
  }),
  output: z.object({
    valid: z.boolean(),
    errors: z.int(),
    warnings: z.int(),
    problems: z.array(Problem),
  }),
  idempotent: true,
  services: { linter: service<Linter>() },
  run: async ({ document, strict_mode: isStrict }, { services, signal }) => {
    const { problems } = Answer.parse(await services.linter.lint(textOf(document), signal));
    const errors = problems.filter(({ severity }) => severity === "error").length;
    const warnings = problems.length - errors;
    const valid = errors === 0 && (!isStrict || warnings === 0);
    return { valid, errors, warnings, problems: problems.slice(0, MOST_TOLD) };
  },
});
