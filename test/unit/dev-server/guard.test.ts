import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { identityOf } from "../../../src/dev-server/process-identity.js";

const GUARD = join(import.meta.dirname, "../../../src/dev-server/guard.js");

/** A process that lives until it is ended, and how it was. */
function longLived() {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const ended = new Promise<string | null>((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  const pid = child.pid ?? 0;
  return { child, ended, pid, identity: identityOf(pid) ?? "" };
}

function guard(...known: string[]) {
  return spawn(process.execPath, [GUARD, ...known], { stdio: ["pipe", "ignore", "ignore"] });
}

/** Its launcher is killed before or after it wrote: a guard that follows another knows the runtime without a line. */
describe("the guard of a runtime", () => {
  it.each(["an argument", "a line"])("ends the runtime that %s names when its launcher is gone", async (told) => {
    const runtime = longLived();
    const text = `${runtime.pid} ${runtime.identity}`;
    const started = told === "an argument" ? guard(String(runtime.pid), runtime.identity) : guard();
    started.stdin.end(told === "a line" ? `${text}\n` : "");
    expect(await runtime.ended).toBe("SIGKILL");
  });

  it("leaves a process alone that got the pid later", async () => {
    const other = longLived();
    const started = guard(String(other.pid), "another-boot-1");
    const ended = new Promise((resolve) => started.once("exit", resolve));
    started.stdin.end();
    await ended;
    expect(identityOf(other.pid)).toBe(other.identity);
    other.child.kill("SIGKILL");
    await other.ended;
  });
});
