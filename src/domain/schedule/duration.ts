/** Durations as callers write them: `2s`, `15m`, `1h30m`, or milliseconds. */
const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
const FORM = /^(?:(\d{1,6})d)?(?:(\d{1,7})h)?(?:(\d{1,9})m)?(?:(\d{1,10})s)?(?:(\d{1,13})ms)?$/;

/** Milliseconds; `undefined` for a text that is no duration. Units stand from the largest to the smallest, each once. */
export function parseDuration(text: string): number | undefined {
  const match = text === "" ? null : FORM.exec(text);
  if (!match) return undefined;
  const factors = Object.values(UNITS);
  return match.slice(1).reduce((sum, digits, at) => sum + Number(digits ?? 0) * (factors[at] ?? 0), 0);
}

/** The shortest text of it: `1h30m`. */
export function durationText(ms: number): string {
  let rest = ms;
  let text = "";
  for (const [unit, factor] of Object.entries(UNITS)) {
    const count = Math.floor(rest / factor);
    rest -= count * factor;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}
