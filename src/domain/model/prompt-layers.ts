/** A system prompt in layers as text, and the part of it that stays the same from one run to the next. */

/** In the order of the text: what changes least comes first. */
export const PROMPT_LAYERS = [
  "identity",
  "rules",
  "knowledge",
  "instructions",
  "examples",
  "output",
  "context",
] as const;
/** What may be another one in each run. */
const CHANGING = "context";

export function layerText(name: string, text: string): string {
  return `<${name}>\n${text}\n</${name}>`;
}

/** Between two layers. */
export const LAYER_GAP = "\n\n";

/**
 * The stable prefix of a system prompt and what changes after it, which is its last layer, `context`; one text where it has no such layer. Joined
 * they are the prompt: a provider that caches a prefix finds it again, whatever the context says.
 */
export function cachedParts(system: string): readonly string[] {
  const at = system.indexOf(`${LAYER_GAP}<${CHANGING}>\n`);
  if (at <= 0 || !system.endsWith(`\n</${CHANGING}>`)) return [system];
  const from = at + LAYER_GAP.length;
  return [system.slice(0, from), system.slice(from)];
}
