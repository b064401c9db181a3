/** What the processes of one group have used of the processor: a loaded machine tells the same as a quiet one. */
import { readdirSync, readFileSync } from "node:fs";

/** The kernel counts in hundredths of a second. */
const TICK_MS = 10;

/** Milliseconds of user and system time so far; `undefined` where there is no /proc. */
export function cpuMsOf(group: number): number | undefined {
  let ticks = 0;
  try {
    for (const name of readdirSync("/proc")) if (/^\d+$/.test(name)) ticks += ticksOf(name, group);
  } catch {
    return undefined;
  }
  return ticks * TICK_MS;
}

function ticksOf(pid: string, group: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Behind the command's name, which may hold anything: state, parent, group, …; the 12th and the 13th are the times.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[2]) === group ? Number(fields[11]) + Number(fields[12]) : 0;
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}
