/**
 * Which process a pid is: pids are used again, after a reboot or in a container quickly. Linux says it in /proc, other
 * systems by `ps`; no shell is needed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

const HAS_PROC = existsSync("/proc/self/stat");

/** A text that no other process of this pid has had: when it began. Undefined for a pid that does not run. */
export function identityOf(pid) {
  const found = HAS_PROC ? foundByProc(pid) : foundByPs(pid);
  return found && !found.isDead ? found.identity : undefined;
}

/** Whether the process that had this identity runs. */
export function isRunning(pid, identity) {
  return identity !== "" && identityOf(pid) === identity;
}

/**
 * Whether it has let go of its port and its files. A killed process is a zombie before the last of its other threads is
 * gone, and that thread holds them still.
 */
export function hasLetGo(pid, identity) {
  const found = HAS_PROC ? foundByProc(pid) : foundByPs(pid);
  return found?.identity !== identity || (found.isDead && found.threads <= 1);
}

/** The state and the start time; the name before them is in brackets and may hold anything. */
function foundByProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const threads = readdirSync(`/proc/${pid}/task`).length;
    return { identity: `${boot}-${fields[19]}`, isDead: fields[0] === "Z" || fields[0] === "X", threads };
  } catch {
    return undefined;
  }
}

function foundByPs(pid) {
  const ps = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" });
  const [, state = "", began] = /^(\S+)\s+(.+)$/.exec(ps.stdout?.trim() ?? "") ?? [];
  return began === undefined ? undefined : { identity: began, isDead: state.startsWith("Z"), threads: 1 };
}
