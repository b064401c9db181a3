/** Ids as people write them: whole, by their first letters where these fit one alone, or `latest`. */
import type { Next } from "../frame/failure.ts";
import { Failure } from "../frame/failure.ts";

export const LATEST = "latest";

interface Looking {
  /** "execution" */
  readonly what: string;
  /** Lists what there is. */
  readonly list: string;
}

const MOST_SHOWN = 5;

/** The one id of `known` that begins with `given`. Throws `not_found`, or `usage` with what could be meant. */
export function byPrefix(given: string, known: readonly string[], { what, list }: Looking): string {
  const fitting = known.includes(given) ? [given] : [...new Set(known.filter((id) => id.startsWith(given)))];
  const [first, second] = fitting;
  if (first === undefined) throw notFound(given, { what, list });
  if (second === undefined) return first;
  const more = fitting.length > MOST_SHOWN ? [`and ${fitting.length - MOST_SHOWN} more`] : [];
  throw new Failure("usage", `${given} is the beginning of ${fitting.length} ids. Write more of it.`, {
    causes: [...fitting.slice(0, MOST_SHOWN), ...more],
  });
}

export function notFound(given: string, { what, list }: Looking): Failure {
  const message = given === LATEST ? `There is no ${what} yet.` : `There is no ${what} ${given}.`;
  const next: Next[] = [{ command: list, description: "what is there" }];
  return new Failure("not_found", message, { next });
}
