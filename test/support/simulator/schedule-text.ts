/** A schedule as one line of text, `PROGRAM SEED HARM@TICK,HARM@TICK`, and back. */
import type { Harm } from "./harms.ts";
import type { Program } from "./programs/program.ts";
import type { Point, Schedule } from "./schedule.ts";

export function textOf({ program, seed, points }: Schedule): string {
  return [program.name, seed, pointsText(points)].join(" ").trimEnd();
}

/** Nothing when no program has that name any more. */
export function scheduleOf(text: string, programs: readonly Program[]): Schedule | undefined {
  const [name, seed, points = ""] = text.split(" ");
  const program = programs.find((one) => one.name === name);
  return program && { program, seed: Number(seed), points: pointsOf(points) };
}

export function pointsText(points: readonly Point[]): string {
  return points.map(({ harm, tick }) => `${harm}@${tick}`).join(",");
}

export function pointsOf(text: string): Point[] {
  return text.split(",").flatMap((point): Point[] => {
    const [harm, tick] = point.split("@");
    return harm && tick ? [{ harm: harm as Harm, tick: Number(tick) }] : [];
  });
}
