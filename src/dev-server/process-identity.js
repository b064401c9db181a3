/**
 * Which process a pid is: pids are used again, after a reboot or in a container quickly. Linux says it in /proc, other
 * systems by `ps`; no shell is needed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** A text that no other process of this pid has had: when it began. Undefined for a pid that does not run. */
export function identityOf(pid) {
  return existsSync("/proc/self/stat") ? identityByProc(pid) : identityByPs(pid);
}

/** Whether the process that had this identity runs. */
export function isRunning(pid, identity) {
  return identity !== "" && identityOf(pid) === identity;
}

/** The state and the start time; the name before them is in brackets and may hold anything. */
function identityByProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}-${fields[19]}`;
  } catch {
    return undefined;
  }
}

function identityByPs(pid) {
  const ps = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" });
  const [, state = "", began] = /^(\S+)\s+(.+)$/.exec(ps.stdout?.trim() ?? "") ?? [];
  return began === undefined || state.startsWith("Z") ? undefined : began;
}
