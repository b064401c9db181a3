import { ENDPOINTS } from "../contract/endpoints.ts";
import { refuse } from "../domain/fault.ts";
import { answerRefusal } from "./answer.ts";
import type { C } from "./app.ts";

const TABLE = Object.values(ENDPOINTS).map(({ method, path }) => ({ method, pattern: pattern(path) }));

/** Nothing answers here: 405 with the methods that would, or 404. Always JSON. */
export function notFound(c: C): Response {
  const { path } = c.req;
  const allowed = TABLE.filter((row) => row.pattern.test(path)).map(({ method }) => method);
  if (allowed.length > 0) {
    const allow = allowed.join(", ");
    return answerRefusal(
      c,
      refuse("method_not_allowed", `${c.req.method} is not possible on this path; possible: ${allow}`),
      { allow },
    );
  }
  return answerRefusal(c, refuse("not_found", `nothing is served at ${c.req.method} ${path.slice(0, 200)}`));
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}
