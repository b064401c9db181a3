import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../../src/cli/frame/failure.ts";
import { readSettings } from "../../../src/cli/frame/settings.ts";
import { misspelt } from "../../../src/dev-server/known-settings.ts";

let folder: string;
let project: string;
let userFile: string;
const KEY = "ek_0123456789abcdef";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "errand-settings-"));
  project = join(folder, "shop");
  userFile = join(folder, "config/errand/config.json");
  mkdirSync(join(project, "src"), { recursive: true });
  mkdirSync(join(folder, "config/errand"), { recursive: true });
  writeFileSync(join(project, "package.json"), "{}");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: object, mode = 0o600): void {
  writeFileSync(path, JSON.stringify(content));
  chmodSync(path, mode);
}

function read(asked: { url?: string; log?: string } = {}, env: Readonly<Record<string, string>> = {}) {
  return readSettings(asked, { env: { XDG_CONFIG_HOME: join(folder, "config"), ...env }, cwd: join(project, "src") });
}

function failure(ask: () => unknown): Failure {
  try {
    ask();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("settings", () => {
  it("come from the flag, the environment, the project's file, the user's file, in this order", () => {
    expect(read().url).toEqual({ value: "http://127.0.0.1:8787", from: "default" });
    write(userFile, { url: "https://user.example.com" });
    expect(read().url).toEqual({ value: "https://user.example.com", from: "user" });
    write(join(project, "errand.json"), { url: "https://project.example.com" });
    expect(read().url).toEqual({ value: "https://project.example.com", from: "project" });
    const env = { ERRAND_URL: "https://env.example.com" };
    expect(read({}, env).url).toEqual({ value: "https://env.example.com", from: "environment" });
    expect(read({ url: "https://flag.example.com" }, env).url).toEqual({
      value: "https://flag.example.com",
      from: "flag",
    });
  });

  it("of a project end at its folder", () => {
    write(join(folder, "errand.json"), { url: "https://above.example.com" });
    expect(read().url.from).toBe("default");
  });

  it("give a key of the user's file to its own server alone", () => {
    write(userFile, { url: "https://mine.example.com", keys: { "https://mine.example.com/": KEY } });
    expect(read().key).toEqual({ value: KEY, from: "user" });
    write(join(project, "errand.json"), { url: "https://other.example.com" });
    expect(read().key).toBeUndefined();
    expect(read({}, { ERRAND_API_KEY: "of-the-environment" }).key?.from).toBe("environment");
  });

  it("are quiet unless debug is asked for", () => {
    expect(read().isDebug).toBe(false);
    expect(read({}, { ERRAND_LOG: "debug" }).isDebug).toBe(true);
    expect(read({ log: "error" }, { ERRAND_LOG: "debug" }).isDebug).toBe(false);
  });

  it("refuse a user's file that others can read, with the command that mends it", () => {
    write(userFile, {}, 0o644);
    expect(failure(read)).toMatchObject({ kind: "usage", told: { next: [{ command: `chmod 600 ${userFile}` }] } });
  });

  it("refuse a key in the project's file, and repeat no key", () => {
    write(join(project, "errand.json"), { api_key: KEY });
    const { kind, message, told } = failure(read);
    expect([kind, message]).toEqual(["usage", `${join(project, "errand.json")} does not fit.`]);
    expect(told.causes?.join()).toMatch(/api_key/);
    expect(JSON.stringify(told)).not.toContain(KEY);
    rmSync(join(project, "errand.json"));
    const wrong = failure(() => read({}, { ERRAND_API_KEY: "with a space in it" }));
    expect([wrong.kind, wrong.message.includes("space in it")]).toEqual(["usage", false]);
  });

  it.each([
    [{ url: "errand.example.com" }, "--url must be an http or https address"],
    [{ log: "loud" }, "--log must be one of debug"],
  ])("refuse %j", (asked, says) => {
    expect(failure(() => read(asked)).message).toContain(says);
  });

  it("refuse a file that is not JSON", () => {
    writeFileSync(join(project, "errand.json"), "url: x");
    expect(failure(read).message).toBe(`${join(project, "errand.json")} is not JSON.`);
  });

  it("in the environment are no fault to the server that runs beside the command", () => {
    expect(misspelt(["ERRAND_URL", "ERRAND_API_KEY", "ERRAND_LOG"])).toBeUndefined();
  });
});
