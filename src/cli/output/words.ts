/** Times, durations and statuses as people read them. */
import type { Cell, Tone } from "./blocks.ts";

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** An instant to the second, in UTC. */
export function instant(iso: string | null | undefined): string {
  return iso ? iso.replace("T", " ").replace(/\.\d+Z$/, "Z") : "-";
}

/** A time of day to the millisecond, in UTC. */
export function clock(iso: string): string {
  return iso.slice(11, 23);
}

const TONES = new Map<string, Tone>([
  ["succeeded", "good"],
  ["approved", "good"],
  ["active", "good"],
  ["failed", "bad"],
  ["timeout", "bad"],
  ["rejected", "bad"],
  ["expired", "bad"],
  ["cancelled", "dim"],
  ["ended", "dim"],
  ["archived", "dim"],
  ["revoked", "dim"],
  ["waiting", "warn"],
  ["blocked", "warn"],
  ["paused", "warn"],
  ["pending", "warn"],
  ["deprecated", "warn"],
  ["draft", "warn"],
]);

export function status(word: string): Cell {
  const tone = TONES.get(word);
  return tone === undefined ? word : { text: word, tone };
}
