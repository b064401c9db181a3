import { ENDPOINTS } from "../contract/endpoints.ts";
import { refuse } from "../domain/values/fault.ts";
import { answerRefusal } from "./answer.ts";
import type { C } from "./app.ts";

const TABLE = Object.values(ENDPOINTS).map(({ method, path }) => ({ method, pattern: pattern(path) }));

/** Nothing answers here: 405 with the methods that would, or 404. Always JSON. OPTIONS is answered for every path we have. */
export function notFound(c: C): Response {
  const { path } = c.req;
  const served = TABLE.filter((row) => row.pattern.test(path)).map(({ method }) => method);
  if (served.length === 0) {
    return answerRefusal(c, refuse("not_found", `nothing is served at ${c.req.method} ${path.slice(0, 200)}`));
  }
  const allow = allowed(served).join(", ");
  if (c.req.method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
  return answerRefusal(
    c,
    refuse("method_not_allowed", `${c.req.method} is not possible on this path; possible: ${allow}`),
    { allow },
  );
}

/** HEAD is GET without the body: the router answers it wherever it answers GET. */
function allowed(served: readonly string[]): string[] {
  return [...new Set(served.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))), "OPTIONS"];
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}
