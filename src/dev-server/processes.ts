import { spawnSync } from "node:child_process";

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
  readonly command: string;
}

/** Whether `pid` lives and its command line holds `word`: pids are reused, after a reboot or in a container quickly. */
export function isRunning(pid: number, word: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
  }
  const listed = listProcesses();
  if (!listed) return true;
  const found = listed.find((candidate) => candidate.pid === pid);
  return found !== undefined && !found.state.startsWith("Z") && found.command.includes(word);
}

/** The first child of this process whose command line holds `word`. */
export function childRunning(word: string): number | undefined {
  return listProcesses()?.find((candidate) => candidate.parent === process.pid && candidate.command.includes(word))
    ?.pid;
}

/** Ends a process at once and waits until it is gone, for two seconds at most. */
export async function endProcess(pid: number, word: string): Promise<void> {
  process.kill(pid, "SIGKILL");
  for (let waited = 0; waited < 2_000 && isRunning(pid, word); waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** `ps` in the words that Linux and macOS share; undefined where there is no `ps`. */
function listProcesses(): Process[] | undefined {
  const ps = spawnSync("ps", ["-A", "-o", "pid=,ppid=,stat=,command="], { encoding: "utf8", maxBuffer: 2 ** 26 });
  if (ps.status !== 0) return undefined;
  return ps.stdout.split("\n").flatMap((line) => {
    const [, pid, parent, state = "", command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid && parent ? [{ pid: Number(pid), parent: Number(parent), state, command }] : [];
  });
}
