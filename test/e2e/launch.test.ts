import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { get } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { banner } from "../../src/dev-server/banner.ts";
import { buildWorker } from "../../src/dev-server/build/build.ts";
import { fireCron } from "../../src/dev-server/cron.ts";
import { migrateAll } from "../../src/dev-server/migrate.ts";
import { onRuntimeSpawned } from "../../src/dev-server/runtime-process.ts";
import { serve } from "../../src/dev-server/server.ts";
import { readSettings } from "../../src/dev-server/settings.ts";
import { startDemoBank } from "../../src/examples/demo-bank.ts";
import type { Server } from "../support/processes/server.ts";
import { startRefused, startServer } from "../support/processes/server.ts";
import { workerConfig } from "../support/processes/worker-config.ts";

const ROOT = join(import.meta.dirname, "../..");

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "errand-launch-"));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

async function health(server: Server): Promise<number> {
  const response = await fetch(`${server.url}/health`);
  await response.body?.cancel();
  return response.status;
}

/** One state folder and its servers, one after the other; what a start refuses without one: test/unit/dev-server/refusals.test.ts. */
describe("npm start", () => {
  const folder = mkdtempSync(join(tmpdir(), "errand-lives-"));
  const servers: Server[] = [];
  const started = async (env: Record<string, string> = {}): Promise<Server> => {
    const server = await startServer({ stateDir: folder, env });
    servers.push(server);
    return server;
  };
  const readLock = (): { launcher: Living; runtime: Living } =>
    JSON.parse(readFileSync(join(folder, "launcher.lock"), "utf8"));
  let server: Server;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    // Nothing listens at port 9.
    server = await started({ LEDGER_SERVICE_URL: "http://127.0.0.1:9" });
  });
  afterAll(async () => {
    for (const one of servers) await one.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  it("serves on 127.0.0.1, says how it may be used, and ends with the line that programs wait for", async () => {
    // Each request adds a line of its own.
    const greeting = server.output();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(greeting).toContain("scripted");
    expect(greeting).toContain("this machine only");
    expect(greeting).toContain(folder);
    expect(greeting.match(/curl /g)).toHaveLength(3);
    expect(greeting.trimEnd().split("\n").at(-1)).toBe(`ready ${server.url}`);
    expect(await health(server)).toBe(200);
  });

  it("closes its state folder to others", () => {
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it("refuses a state folder that another server uses, and leaves that server alone", async () => {
    for (const _ of ["once", "and again"]) {
      const refused = await startRefused({ stateDir: folder });
      expect(refused).toEqual({ code: 2, output: expect.stringMatching(/ is in use by another server [^\n]+\n$/) });
      expect(refused.output).toContain(`pid ${server.pid}`);
    }
    expect(await health(server)).toBe(200);
  });

  it("shows errors with the message, the name of the effect and the places of the sources", async () => {
    const body = JSON.stringify({ input: { transfer_id: "t", from: "ann", to: "bo", amount: 5 } });
    await fetch(`${server.url}/api/v1/execute/async/ledger.transfer`, { method: "POST", body });
    await expect.poll(() => server.output()).toContain("a try failed");
    const line = server
      .output()
      .split("\n")
      .find((one) => one.includes("a try failed"));
    expect(line).toMatch(/"key":"reserve"/);
    expect(line).toMatch(/"error":"[^"]+"/);
    expect(line).toMatch(/at unlessLost\d* \(src\/examples\/json-post\.ts:\d+:\d+\)/);
    expect(server.output()).not.toContain("worker.js:");
  });

  it("weighs 220 MiB at most", async () => {
    const megabytes = () =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]) / 1024;
    await expect.poll(megabytes).toBeLessThan(220);
  });

  it("comes back after workerd itself is killed, on the same port", async () => {
    const { runtime } = readLock();
    process.kill(runtime.pid, "SIGKILL");
    await expect.poll(() => health(server).catch(() => 0)).toBe(200);
    await expect.poll(() => readLock().runtime.pid).not.toBe(runtime.pid);
  });

  it("begins another guard when one is killed, and ends its workerd when it is killed alone", async () => {
    const first = guardOf(server.pid);
    process.kill(first, "SIGKILL");
    await expect.poll(() => guardsOf(server.pid).filter((pid) => pid !== first)).toHaveLength(1);
    const { pid } = readLock().runtime;
    await server.killLauncherOnly();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it("takes over the lock of a server that was killed, with all of its group", async () => {
    const { launcher } = readLock();
    expect(launcher.pid).toBe(server.pid);
    await server.restart();
    expect(await health(server)).toBe(200);
    expect(readLock().launcher.pid).not.toBe(launcher.pid);
  });

  it("ends the workerd that outlived its launcher before it uses the files again", async () => {
    // Stopped, it begins no other guard.
    process.kill(server.pid, "SIGSTOP");
    process.kill(guardOf(server.pid), "SIGKILL");
    await server.killLauncherOnly();
    const { pid } = readLock().runtime;
    expect(isAlive(pid)).toBe(true);
    server = await started({ PORT: new URL(server.url).port });
    expect(isAlive(pid)).toBe(false);
    expect(await health(server)).toBe(200);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("exits with 0 after %s and gives the folder back", async (signal) => {
    if (!isAlive(server.pid)) await server.restart();
    expect(await health(server)).toBe(200);
    expect(await server.kill(signal)).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, "launcher.lock"))).toBe(false);
  });

  it("asks for keys when it is told to, and prints the first one, at each start the same; never the model's", async () => {
    server = await started({ ERRAND_AUTH: "keys", ANTHROPIC_API_KEY: "sk-not-to-be-seen" });
    const keyOf = () => /^ {2}key {6}(\S+) /m.exec(server.output())?.[1] ?? "";
    const key = keyOf();
    expect(server.output()).toContain("access   keys: this machine only");
    expect(server.output()).not.toContain("no keys");
    expect(server.output()).toContain("claude-sonnet-5-5, real, by ANTHROPIC_API_KEY");
    const ask = async (sent?: string) => {
      const headers = sent === undefined ? {} : { authorization: `Bearer ${sent}` };
      const answer = await fetch(`${server.url}/api/v1/keys`, { headers });
      await answer.body?.cancel();
      return answer.status;
    };
    expect([await ask(), await ask("errand_wrong"), await ask(key)]).toEqual([401, 401, 200]);
    expect(statSync(join(folder, "first.key")).mode & 0o777).toBe(0o600);
    await server.restart();
    expect(keyOf()).toBe(key);
    expect(await ask(key)).toBe(200);
    expect(server.output()).not.toContain("sk-not-to-be-seen");
    await server.kill("SIGTERM");
  });

  it("refuses what the Worker cannot serve with, in the Worker's own sentence", async () => {
    const refused = await startRefused({ stateDir: folder, env: { ERRAND_ALLOWED_ORIGINS: "app.example.com" } });
    expect(refused.code).toBe(1);
    const last = refused.output.trimEnd().split("\n").at(-1);
    expect(last).toMatch(/^ERRAND_ALLOWED_ORIGINS: "app\.example\.com" is no origin: /);
  });

  it.each([
    [{ PORT: "eighty" }, [], /^PORT must be a number [^\n]+\n$/],
    [{}, ["--prot", "1"], /^--prot is no flag\. Did you mean --port\? [^\n]+\n$/],
  ])("refuses %o %j in one line and with exit code 2", async (env, args, said) => {
    const refused = await startRefused({ stateDir, env: env as Record<string, string>, args });
    expect(refused).toEqual({ code: 2, output: expect.stringMatching(said) });
  });
});

describe("what the banner says of the model", () => {
  it.each([
    [{}, "scripted, nothing leaves this machine"],
    [{ ERRAND_MODEL: "gpt-x" }, "ERRAND_MODEL=gpt-x needs a key"],
    [{ OPENAI_API_KEY: "sk-x" }, "gpt-6.1-sol, real, by OPENAI_API_KEY"],
    [{ OPENAI_API_KEY: "sk-x", ANTHROPIC_API_KEY: "sk-y" }, "claude-sonnet-5-5, real, by ANTHROPIC_API_KEY"],
    [{ OPENAI_API_KEY: "sk-x", ANTHROPIC_API_KEY: "sk-y", ERRAND_MODEL: "gpt-x" }, "gpt-x, real, by OPENAI_API_KEY"],
    [{ OPENAI_BASE_URL: "http://localhost:1", ERRAND_MODEL: "llama" }, "llama, real, by OPENAI_BASE_URL"],
    [{ OPENAI_API_KEY: "sk-x", ERRAND_MODEL: "claude-x" }, "claude-x, which cannot be asked: set ANTHROPIC_API_KEY"],
    [{ ANTHROPIC_API_KEY: "sk-y", ERRAND_MODEL: "gpt-x" }, "gpt-x, which cannot be asked: set OPENAI_API_KEY"],
  ])("is true, with %o", (environment, said) => {
    const settings = readSettings({ STATE_DIR: stateDir, ...environment }, ROOT);
    if (typeof settings === "string") throw new Error(settings);
    const url = "http://127.0.0.1:1";
    const text = banner({ url, settings, first: undefined, variables: settings.passedOn, invitations: [] });
    expect(text).toContain(said);
    expect(text).not.toMatch(/sk-[xy]/);
  });
});

describe("the launcher's parts", () => {
  it("outlive requests to the demo bank that break off, never end, or are no requests", async () => {
    const bank = await startDemoBank({ port: 0 });
    const { port } = new URL(bank.url);
    const head = "POST /transfer HTTP/1.1\r\nHost: bank\r\nContent-Length: 5000000\r\n\r\n";
    for (const bytes of [
      `${head}{"transfer`,
      `${head}${"x".repeat(2_000_000)}`,
      "\u0000\u0001 no HTTP\r\n\r\n",
      head,
    ]) {
      const socket = connect(Number(port), "127.0.0.1");
      await new Promise<void>((done) => socket.write(bytes, () => done()));
      socket.on("error", () => {});
      socket.destroy();
    }
    const body = JSON.stringify({ transfer_id: "__proto__" });
    expect((await fetch(`${bank.url}/transfer`, { method: "POST", body })).status).toBe(200);
    expect(JSON.stringify(bank.counts().transfer)).toBe('{"__proto__":{"called":1,"applied":1}}');
    await bank.close();
  });

  it("have no promise without a catch, and no emitter whose error nobody hears", () => {
    const folder = join(import.meta.dirname, "../../src/dev-server");
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    )) {
      const text = readFileSync(join(folder, file), "utf8");
      expect([file, text.match(/\bvoid [a-z]\w*[.(]/g)], "await it, or give it a catch").toEqual([file, null]);
      const emitters = text.match(/\b(?:createServer|spawn|connect)\(/g)?.length ?? 0;
      const heard = text.match(/\.on(?:ce)?\("error"/g)?.length ?? 0;
      expect([file, heard >= emitters]).toEqual([file, true]);
    }
  });

  it("have a second door that believes no address that a browser could not have asked for", async () => {
    const built = await buildWorker({ root: ROOT, wranglerFile: join(ROOT, "wrangler.toml") });
    if ("failed" in built) throw new Error(built.failed);
    const config = await workerConfig(ROOT);
    const { miniflare } = await serve({
      ...{ config, bundle: built.bundle, port: 0, stateDir },
      bindings: { AUTH_MODE: "open", ERRAND_ENCRYPTION_KEYS: "off" },
    });
    const { port } = await miniflare.ready;
    const ask = (host: string, headers: Record<string, string>) =>
      new Promise<number | undefined>((done, failed) => {
        const options = { port, host: "127.0.0.1", path: "/api/v1/agents", headers: { host, ...headers } };
        get(options, (answer) => {
          answer.resume();
          done(answer.statusCode);
        }).on("error", failed);
      });
    const original = "http://localhost:8787/api/v1/agents";
    expect(await ask(`rebound.example:${port}`, { "MF-Original-URL": original })).toBe(403);
    expect(await ask(`rebound.example:${port}`, { "X-Forwarded-Proto": "https" })).toBe(403);
    expect(await ask(`127.0.0.1:${port}`, { "MF-Original-URL": "http://rebound.example/api/v1/agents" })).toBe(403);
    const origin = "http://rebound.example";
    expect(await ask(`127.0.0.1:${port}`, { "MF-Original-URL": original, origin })).toBe(403);
    expect(await ask(`127.0.0.1:${port}`, {})).toBe(200);
    await miniflare.dispose();
  });

  let miniflare: Miniflare | undefined;

  afterEach(() => miniflare?.dispose());

  function workerd(script: string): Miniflare {
    const options = { name: "probe", modules: true, script, unsafeTriggerHandlers: true, cf: false };
    miniflare = new Miniflare(convertV4MiniflareOptions(options));
    return miniflare;
  }

  describe("migrations", () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "errand-migrations-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    /** A configuration with one database, and how often a runtime was begun for its migrations. */
    function migrating() {
      const config = {
        ...{ root: folder, name: "probe", rules: [], variables: {}, crons: [], customBuild: false },
        options: { compatibilityDate: "2026-11-02", d1Databases: { DB: { id: "db" } } },
        databases: [{ binding: "DB", migrations: folder }],
      };
      const runtimes = { begun: 0 };
      const migrate = () => migrateAll({ config, stateDir });
      onRuntimeSpawned(() => {
        runtimes.begun += 1;
      });
      return { migrate, runtimes };
    }

    const rowsOf = (sql: string) => {
      const d1 = join(stateDir, "d1/miniflare-D1DatabaseObject");
      const file = readdirSync(d1).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
      const database = new DatabaseSync(join(d1, file ?? ""));
      const rows = database
        .prepare(sql)
        .all()
        .map((row) => ({ ...row }));
      database.close();
      return rows;
    };

    it("are applied once, in order, and a broken one not at all", async () => {
      const { migrate } = migrating();
      writeFileSync(join(folder, "0001_more.sql"), "INSERT INTO kept (word) VALUES ('one;two');\n");
      writeFileSync(join(folder, "0000_first.sql"), "CREATE TABLE kept (word TEXT);\n");
      expect(await migrate()).toBe(2);
      expect(await migrate()).toBe(0);

      const bad = "INSERT INTO kept (word) VALUES ('half');\nINSERT INTO nowhere VALUES (1);\n";
      writeFileSync(join(folder, "0002_bad.sql"), bad);
      await expect(migrate()).rejects.toThrow(/^The migration .*0002_bad\.sql fails: .*nowhere/);
      expect(rowsOf("SELECT word FROM kept")).toEqual([{ word: "one;two" }]);
      const marks = rowsOf("SELECT name FROM d1_migrations ORDER BY id");
      expect(marks).toEqual([{ name: "0000_first.sql" }, { name: "0001_more.sql" }]);
    });

    it("need a runtime only when there are others, or the database is another one", async () => {
      const { migrate, runtimes } = migrating();
      writeFileSync(join(folder, "0000_first.sql"), "CREATE TABLE kept (word TEXT);\n");
      await migrate();
      await migrate();
      expect(runtimes.begun).toBe(1);
      writeFileSync(join(folder, "0001_more.sql"), "INSERT INTO kept (word) VALUES ('one');\n");
      expect(await migrate()).toBe(1);
      expect(runtimes.begun).toBe(2);
      rmSync(join(stateDir, "d1"), { recursive: true });
      expect(await migrate()).toBe(2);
      expect(await migrate()).toBe(0);
      expect(runtimes.begun).toBe(3);
    });

    it("need no folder", async () => {
      rmSync(folder, { recursive: true });
      expect(await migrating().migrate()).toBe(0);
    });
  });

  it("fires scheduled again and again, also after one has failed", async () => {
    const script = `let fired = 0;
      export default {
        fetch: () => new Response(String(fired)),
        scheduled: () => { fired += 1; if (fired === 1) throw new Error("the first one fails"); },
      };`;
    const probe = workerd(script);
    const stop = fireCron(probe, 50, ["* * * * *"]);
    const fired = async (): Promise<number> => Number(await (await probe.dispatchFetch("http://probe/")).text());
    await expect.poll(fired).toBeGreaterThan(2);
    stop();
  });

  it("lends a bank that shows which of its endpoints repeat safely", async () => {
    const bank = await startDemoBank({ port: 0 });
    const post = async (endpoint: string, key: string): Promise<{ status: number; body: unknown }> => {
      const response = await fetch(`${bank.url}/${endpoint}`, {
        method: "POST",
        headers: { "Idempotency-Key": key },
        body: JSON.stringify({ transfer_id: "t1", from: "a", to: "b", amount: 5 }),
      });
      return { status: response.status, body: await response.json() };
    };
    try {
      expect(await post("reserve", "k1")).toEqual(await post("reserve", "k1"));
      expect(await post("transfer", "k2")).not.toEqual(await post("transfer", "k2"));
      const notified = [await post("notify", "k3"), await post("notify", "k3"), await post("notify", "k3")];
      expect(notified.map(({ status }) => status)).toEqual([503, 503, 200]);
      expect(await (await fetch(`${bank.url}/counts`)).json()).toEqual(bank.counts());
      expect(bank.counts()).toEqual({
        reserve: { t1: { called: 2, applied: 1 } },
        transfer: { t1: { called: 2, applied: 2 } },
        notify: { t1: { called: 3, applied: 1 } },
      });
      expect((await fetch(`${bank.url}/transfer`, { method: "POST", body: "no json" })).status).toBe(400);
      expect((await fetch(`${bank.url}/vault`)).status).toBe(404);
    } finally {
      await bank.close();
    }
  });
});

function guardsOf(launcher: number): number[] {
  const listed = spawnSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).stdout.split("\n");
  return listed
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .filter(([, , parent, command]) => Number(parent) === launcher && command?.includes("guard.js"))
    .map(([, pid]) => Number(pid));
}

function guardOf(launcher: number): number {
  const [pid] = guardsOf(launcher);
  if (pid === undefined) throw new Error("there is no guard");
  return pid;
}

interface Living {
  readonly pid: number;
}

function isAlive(pid: number): boolean {
  const listed = spawnSync("ps", ["-p", String(pid), "-o", "stat="], { encoding: "utf8" }).stdout.trim();
  return listed !== "" && !listed.startsWith("Z");
}
