/** From instants to places on a line, and the marks beneath it. Pure. */

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** In percent of the line's width. */
export interface Place {
  readonly left: number;
  readonly width: number;
}

/** Where a stretch of time lies; cut at the window's edges, and `undefined` outside of them. */
export function placeOf({ fromMs, toMs }: Window, startMs: number, endMs: number): Place | undefined {
  const length = Math.max(1, toMs - fromMs);
  const [start, end] = [Math.max(startMs, fromMs), Math.min(endMs, toMs)];
  if (end < start) return undefined;
  return { left: (100 * (start - fromMs)) / length, width: (100 * (end - start)) / length };
}

/** Lengths between two marks that people read well, in ms. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000],
  ...[60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000],
  ...[86_400_000, 172_800_000, 604_800_000, 1_209_600_000, 2_592_000_000],
];

/** Instants of marks, `most` at most, counted from `originMs`. */
export function marksOf({ fromMs, toMs }: Window, originMs: number, most: number): number[] {
  const length = toMs - fromMs;
  const step = STEPS.find((ms) => length / ms <= most) ?? Math.ceil(length / most);
  const first = originMs + Math.ceil((fromMs - originMs) / step) * step;
  const marks: number[] = [];
  for (let at = first; at <= toMs && marks.length <= most; at += step) marks.push(at);
  return marks;
}

/** `factor` above 1 comes nearer. What is under `atMs` stays there; the window never leaves `whole`. */
export function zoomed(
  window: Window,
  { whole, atMs, factor }: { readonly whole: Window; readonly atMs: number; readonly factor: number },
): Window {
  const length = Math.min(whole.toMs - whole.fromMs, Math.max(2, (window.toMs - window.fromMs) / factor));
  const share = (atMs - window.fromMs) / Math.max(1, window.toMs - window.fromMs);
  return moved({ fromMs: atMs - share * length, toMs: atMs + (1 - share) * length }, whole, 0);
}

/** By `ms` to the right, as far as `whole` goes. */
export function moved({ fromMs, toMs }: Window, whole: Window, ms: number): Window {
  const length = toMs - fromMs;
  const start = Math.min(Math.max(fromMs + ms, whole.fromMs), Math.max(whole.fromMs, whole.toMs - length));
  return { fromMs: start, toMs: Math.min(whole.toMs, start + length) };
}
