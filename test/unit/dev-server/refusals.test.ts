/** What the launcher refuses before it loads anything: each row one sentence that names what is wrong and what to do. */
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startBeside } from "../../../src/dev-server/dev-module.ts";
import { helpText, readFlags } from "../../../src/dev-server/flags.ts";
import { takeLock } from "../../../src/dev-server/lock.ts";
import { takenPort } from "../../../src/dev-server/port.ts";
import { identityOf } from "../../../src/dev-server/process-identity.js";
import { findProject } from "../../../src/dev-server/project.ts";
import { readSettings } from "../../../src/dev-server/settings.ts";
import { closeStateFolder } from "../../../src/dev-server/state-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "errand-refused-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A sentence for a terminal: one line that ends like one. */
function expectSentence(said: unknown, words: string): void {
  expect(said).toEqual(expect.stringContaining(words));
  expect(String(said).trim().split("\n")).toHaveLength(1);
  expect(said).toMatch(/[.?]$|--port 8788$|errand init$/);
}

describe("a flag", () => {
  const SEE = "See npm start -- --help.";
  it.each([
    [["--prot", "1"], `--prot is no flag. Did you mean --port? ${SEE}`],
    [["--zebra"], `--zebra is no flag. ${SEE}`],
    [["--port"], `--port needs a value. ${SEE}`],
    [["--state="], `--state needs a value. ${SEE}`],
    [["--watch=yes"], `--watch takes no value. ${SEE}`],
    [["8788"], `"8788" is no flag, and npm start -- takes nothing else. ${SEE}`],
  ])("%j", (args, says) => {
    expect(readFlags(args, "npm start --")).toBe(says);
  });

  it("that is right is taken, and --help names each of them", () => {
    expect(readFlags(["--port", "0", "--state", "here", "--no-watch"], "errand dev")).toEqual({
      ...{ port: "0", state: "here", help: false, watch: false },
    });
    for (const flag of ["--port", "--host", "--state", "--no-watch", "--help"])
      expect(helpText("errand dev")).toContain(flag);
    expect(readFlags(["-h"], "errand dev")).toMatchObject({ help: true, watch: true });
  });
});

describe("a setting", () => {
  it.each([
    [{ PORT: "eighty" }, 'PORT must be a number from 0 (any free port) to 65535, not "eighty".'],
    [{ PORT: "65536" }, "PORT must be a number"],
    [{ PORT: "1.5" }, "PORT must be a number"],
    [{ ERRAND_AUTH: "none" }, 'ERRAND_AUTH must be "open" or "keys", not "none".'],
    [{ ERRAND_HOST: "0.0.0.0" }, "0.0.0.0 can be reached from other machines"],
    [{ ERRAND_CRON_MS: "5" }, 'ERRAND_CRON_MS must be 10 milliseconds or more, not "5".'],
    [{ ERRAND_RETENTION_DAYS: "soon" }, 'ERRAND_RETENTION_DAYS must be a number of days above 0, or "forever"'],
    [{ ERRAND_MAX_SOCKETS: "many" }, 'ERRAND_MAX_SOCKETS must be a whole number from 1, not "many"'],
    [{ ERRAND_PUBLIC_URL: "ftp://x" }, "ERRAND_PUBLIC_URL must be an http or https address"],
    [{ ERRAND_PORT: "1" }, "ERRAND_PORT is no setting of Errand. Did you mean PORT?"],
    [{ ERRAND_HSOT: "::1" }, "ERRAND_HSOT is no setting of Errand. Did you mean ERRAND_HOST?"],
    [{ ERRAND_AUT: "keys" }, "ERRAND_AUT is no setting of Errand. Did you mean ERRAND_AUTH?"],
    [{ ERAND_AUTH: "keys" }, "ERAND_AUTH is no setting of Errand. Did you mean ERRAND_AUTH?"],
    [{ ERRAND_ZEBRA: "1" }, "ERRAND_ZEBRA is no setting of Errand. Settings are listed in docs/settings.md."],
  ])("%j", (environment, says) => {
    expectSentence(readSettings(environment, folder), says);
  });
});

describe("a folder", () => {
  it("without a Worker", () => {
    expectSentence(findProject({ root: folder }), `There is no ${join(folder, "wrangler.toml")}`);
    expect(readSettings({}, folder)).toMatchObject({ port: 8787, auth: "open" });
  });

  it("whose package.json names a module that is not there", () => {
    writeFileSync(join(folder, "wrangler.toml"), "");
    writeFileSync(join(folder, "package.json"), '{"errand":{"dev":"./bank.ts"}}');
    expectSentence(findProject({ root: folder }), "but there is no file");
  });

  it("whose module beside the Worker starts nothing", async () => {
    const module = join(folder, "bank.mjs");
    writeFileSync(module, "export const bank = 1;");
    await expect(startBeside(module, {})).rejects.toThrow("must export a function startBeside(environment).");
  });

  it("of everybody, or where none can be made, for what is stored", () => {
    expectSentence(closeStateFolder(tmpdir()), "Set STATE_DIR to a folder that holds nothing else");
    expect(statSync(tmpdir()).mode & 0o1000).toBe(0o1000);
    const file = join(folder, "file");
    writeFileSync(file, "");
    expectSentence(closeStateFolder(join(file, "state")), "Set STATE_DIR to a folder that holds nothing else");
  });

  it.runIf(process.platform === "linux")("where the system makes none and says that there is none", () => {
    expectSentence(closeStateFolder("/proc/errand/state"), "ENOENT");
  });

  it("that others may read is closed to them", () => {
    chmodSync(folder, 0o755);
    expect(closeStateFolder(folder)).toBeUndefined();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });
});

describe("a state folder's lock", () => {
  const lock = () => join(folder, "launcher.lock");

  it("of a server that lives, by its pid", async () => {
    const launcher = { pid: process.pid, identity: identityOf(process.pid) };
    writeFileSync(lock(), JSON.stringify({ launcher }));
    expectSentence(await takeLock(folder), `is in use by another server (pid ${process.pid})`);
    expect(existsSync(lock())).toBe(true);
  });

  it.each([
    ["of a pid that is another process by now", JSON.stringify({ launcher: { pid: process.pid, identity: "before" } })],
    ["that cannot be read", "{"],
  ])("%s is taken over", async (_what, text) => {
    writeFileSync(lock(), text);
    const taken = await takeLock(folder);
    if (typeof taken === "string") throw new Error(taken);
    taken.release();
    expect(existsSync(lock())).toBe(false);
  });
});

it("a port that is taken", async () => {
  const occupant = createServer();
  await new Promise<void>((listening) => occupant.listen(0, "127.0.0.1", listening));
  const address = occupant.address();
  const port = typeof address === "object" && address ? address.port : 0;
  expectSentence(await takenPort(port, "127.0.0.1"), `Port ${port} of 127.0.0.1 is taken.`);
  await new Promise((closed) => occupant.close(closed));
  expect(await takenPort(port, "127.0.0.1")).toBeUndefined();
});
