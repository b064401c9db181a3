/** Which functions of an agent fit a search: pure, for local and remote agents alike. */
import type { CapabilityFilter } from "./node-command.ts";

interface Named {
  readonly id: string;
  readonly kind: "reasoner" | "skill";
  readonly tags: readonly string[];
}

/** The functions that fit; a pattern for reasoners says nothing about skills. */
export function fittingFunctions<Fn extends Named>(functions: readonly Fn[], filter: CapabilityFilter): Fn[] {
  const { reasoner, skill, tags } = filter;
  return functions.filter(({ id, kind, tags: own }) => {
    const pattern = kind === "reasoner" ? reasoner : skill;
    if (pattern !== undefined && !matchesPattern(id, pattern)) return false;
    return tags.length === 0 || own.some((tag) => tags.some((wanted) => matchesPattern(tag, wanted)));
  });
}

/** `*` stands for any letters. Each star takes as few letters as it can: the time grows with the product of the lengths. */
function matchesPattern(text: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
