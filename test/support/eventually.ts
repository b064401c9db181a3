import { vi } from "vitest";
import { PATIENCE_MS } from "./patience.ts";

/** Looks again until nothing is thrown any more: for several claims about one answer. Returns what the last look returned. */
export function eventually<Found>(look: () => Found | Promise<Found>): Promise<Found> {
  return vi.waitFor(look, { timeout: PATIENCE_MS, interval: 50 });
}
