/**
 * What is answered where nothing is served: the methods of a path that is there, or the call whose path is nearest. Knows the
 * endpoint table and nothing of what is behind it.
 */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { refuse } from "../../domain/values/fault.ts";
import { nearest } from "../../domain/values/nearest.ts";
import type { C } from "../requests/app.ts";
import { answerRefusal } from "./answer.ts";

const TABLE = Object.values(ENDPOINTS).map(({ method, path, summary, id }) => ({
  ...{ method, path, summary, id },
  pattern: pattern(path),
}));
/** The longest path that is compared with those of the table. */
const LONGEST = 500;
const IS_PARAMETER = /^\{\w+\}$/;

/** Nothing answers here: 405 with the methods that would, or 404. Always JSON. OPTIONS is answered for every path we have. */
export function notFound(c: C): Response {
  const { path, method } = c.req;
  const rows = TABLE.filter((row) => row.pattern.test(path));
  if (rows.length === 0) {
    const meant = meantBy(method, path);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    return answerRefusal(c, refuse("not_found", `nothing is served at ${method} ${path.slice(0, 200)}${hint}`));
  }
  const allow = allowed(rows.map((row) => row.method)).join(", ");
  if (method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
  const calls = rows.map((row) => `${row.method}: ${row.summary} (/docs#${row.id})`).join("; ");
  const detail = `${method} is not possible on this path; possible: ${allow}. ${calls}`;
  return answerRefusal(c, refuse("method_not_allowed", detail), { allow });
}

/** HEAD is GET without the body: the router answers it wherever it answers GET. */
function allowed(served: readonly string[]): string[] {
  return [...new Set(served.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))), "OPTIONS"];
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}

/**
 * The call whose path is nearest: slashes too many, another case, a prefix left out, a word misspelt. What stands in the
 * place of a parameter is kept.
 */
function meantBy(method: string, path: string): string | undefined {
  if (path.length > LONGEST) return undefined;
  const parts = path.split("/").filter((part) => part !== "");
  const target = /^(?:api\/)?(?:v1\/)?execute\/(async\/)?([^/]+)\/([^/.]+)$/i.exec(parts.join("/"));
  if (target?.[2] && target[3] && !target[2].includes("."))
    return `POST /api/v1/execute/${target[1] ?? ""}${target[2]}.${target[3]}`;
  const found = PREFIXES.flatMap((prefix) => TABLE.flatMap((row) => filledIn([...prefix, ...parts], row)));
  const best = found.sort((a, b) => a.off - b.off || Number(b.method === method) - Number(a.method === method))[0];
  return best && `${best.method} ${best.path}`;
}

/** What callers leave out. */
const PREFIXES: readonly (readonly string[])[] = [[], ["api", "v1"], ["api"]];

interface Fit {
  readonly method: string;
  readonly path: string;
  /** How many of its words differ. */
  readonly off: number;
}

/** The path of one row, filled in, if each of its words is near to what was sent. */
function filledIn(parts: readonly string[], { method, path }: (typeof TABLE)[number]): Fit[] {
  const words = path.split("/").slice(1);
  if (words.length !== parts.length) return [];
  let off = 0;
  const made: string[] = [];
  for (const [at, word] of words.entries()) {
    const part = parts[at] ?? "";
    const isParameter = IS_PARAMETER.test(word);
    if (!isParameter && nearest(part, [word]) === undefined) return [];
    if (!isParameter && part !== word) off += 1;
    // A word of the API beats a parameter that would take it as well.
    if (isParameter) off += 0.1;
    made.push(isParameter ? part : word);
  }
  return [{ method, path: `/${made.join("/")}`, off }];
}
