/**
 * Outlives the launcher by a moment and ends the runtime that it left behind: `kill -9` of the launcher alone would leave
 * workerd with the port and the files. Plain JavaScript without a package, because it is there as long as the server is.
 *
 * Its arguments are `PID IDENTITY` of the runtime that is there when it begins. Its input is a pipe of the launcher's: a line
 * `PID IDENTITY` for each runtime that follows, and the end when the launcher is gone, however it went. A signal for the
 * whole group is not for it.
 */
import { isRunning } from "./process-identity.js";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

/** pid → identity */
const runtimes = new Map();
const [, , pid, identity] = process.argv;
if (pid && identity) runtimes.set(Number(pid), identity);
let text = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  text += chunk;
  const lines = text.split("\n");
  text = lines.pop() ?? "";
  for (const line of lines) {
    const [pid, ...identity] = line.split(" ");
    runtimes.set(Number(pid), identity.join(" "));
  }
});
process.stdin.on("error", () => {});
process.stdin.on("close", () => {
  for (const [pid, identity] of runtimes) if (isRunning(pid, identity)) process.kill(pid, "SIGKILL");
  process.exit();
});
