/** What a process group costs, read from /proc (Linux only): the server and all that it started, and nobody else. */
import { readdirSync, readFileSync } from "node:fs";

/** Linux counts CPU time in ticks of 10 ms; what is shorter adds up and is not lost. */
const MS_A_TICK = 10;

interface Process {
  readonly pid: number;
  readonly group: number;
  readonly name: string;
  readonly ticks: number;
}

/** User and system milliseconds of a whole group, ended children included. */
export function cpuMsOf(group: number): number {
  return processesOf(group).reduce((sum, { ticks }) => sum + ticks * MS_A_TICK, 0);
}

export interface Footprint {
  /** `Rss` as the kernel counts it. */
  readonly residentBytes: number;
  /** An object in memory holds two or three: those of evicted ones say whether they came back. */
  readonly openFiles: number;
}

/** What the group's workerd holds now. */
export function footprintOf(group: number): Footprint {
  const runtime = processesOf(group).find(({ name }) => name === "workerd");
  if (!runtime) throw new Error(`no workerd runs in group ${group}`);
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${runtime.pid}/status`, "utf8"));
  const openFiles = readdirSync(`/proc/${runtime.pid}/fd`).length;
  return { residentBytes: Number(found?.[1] ?? Number.NaN) * 1_024, openFiles };
}

function processesOf(group: number): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(Number(pid)) ?? [])
    .filter((found) => found.group === group);
}

function readProcess(pid: number): Process | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined; // It ended between the listing and this look.
  }
  const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
  // After the name: state ppid pgrp … utime stime cutime cstime are fields 12 to 15 of these.
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + (fields[at] ?? 0), 0);
  return { pid, group: fields[2] ?? 0, name, ticks };
}
