/** The tour as somebody runs it who reads along through a pipe, who interrupts it, and whose executions do not end well. */
import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Examples } from "../../src/cli/examples.ts";
import { Screen } from "../../src/cli/screen.ts";
import { verdict } from "../../src/cli/verdict.ts";
import { createClient } from "../../src/client/index.ts";
import { startServer } from "../support/processes/server.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const TARGETS = [
  "support-agent.analyze_sentiment",
  "support-agent.support_analyze_sentiment",
  "support-agent.triage",
  "escalation-agent.create_ticket",
  "clock.remind",
  "approvals.demo",
  "ledger.transfer",
  "catalog.enrich",
  "catalog.items",
  "catalog.audit",
];

/** Where the tour puts what it needs; empty again when it has ended. */
let folder: string;
let tour: ChildProcess;
let printed: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "errand-tour-test-"));
});

afterEach(() => {
  tour?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function begin(): Promise<number | null> {
  printed = "";
  const env = {
    ...process.env,
    TMPDIR: folder,
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    FORCE_COLOR: undefined,
  };
  tour = spawn(process.execPath, ["src/cli/tour.ts"], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  const collect = (chunk: Buffer): void => {
    printed += chunk.toString();
  };
  tour.stdout?.on("data", collect);
  tour.stderr?.on("data", collect);
  return new Promise((done) => tour.once("exit", done));
}

/** Processes of the group whose leader is a child of the tour: its server. */
function serverGroup(): number | undefined {
  const { stdout } = spawnSync("ps", ["-A", "-o", "ppid=,pid=,command="], { encoding: "utf8" });
  const line = stdout
    .split("\n")
    .find((one) => Number(one.trim().split(/\s+/)[0]) === tour.pid && one.includes("start.ts"));
  return line === undefined ? undefined : Number(line.trim().split(/\s+/)[1]);
}

function aliveIn(group: number): string[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pgid=,stat=,command="], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => {
    const [pgid, state = "Z"] = line.trim().split(/\s+/);
    return Number(pgid) === group && !state.startsWith("Z");
  });
}

describe("npm run tour", () => {
  test("in a pipe: every example, a kill, plain lines, exit code 0", async () => {
    const code = await begin();
    expect(printed).toContain("nothing lost, nothing done twice");
    expect(code).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what must not be there
    expect(printed).not.toMatch(/[\u001b\r]/);
    expect(printed).not.toContain("✘ P");
    for (const target of TARGETS) expect(printed).toMatch(new RegExp(`${target} +✔ succeeded`));
    expect(printed).toMatch(/✘ kill -9/);
    expect(printed).toMatch(/34 steps: \d+ before the kill/);
    expect(printed).toMatch(/transfer +no: a crash asks a person +1 +✔ done/);
    expect(printed).toMatch(/notify +yes +3 +✔ done/);
    expect(printed).toContain(
      "after 2 attempts in the catalog: Astérix aux Jeux Olympiques (Adventure), Léon (Thriller",
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test("interrupted, it takes its server and its folder with it", async () => {
    const ended = begin();
    await expect.poll(() => printed, { interval: 20 }).toContain("approvals.demo");
    const group = serverGroup();
    if (group === undefined) throw new Error(`no server under ${tour.pid}:\n${printed}`);
    expect(aliveIn(group).length).toBeGreaterThan(1);
    tour.kill("SIGINT");
    expect(await ended).toBe(130);
    await expect.poll(() => aliveIn(group)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("what did not end well is named, and nothing else is", async () => {
    const server = await startServer({ stateDir: join(folder, "state") });
    try {
      const client = createClient<Examples>({ baseUrl: server.url });
      const good = await client.execute("clock.remind", { message: "x", seconds: 0 });
      const { execution_id: bad } = await client.executeAsync("clock.remind", { message: "x", seconds: 60 });
      await client.cancel(bad);
      const out = new PassThrough() as unknown as NodeJS.WriteStream;
      const seen = [good.execution_id, bad];
      expect(await verdict({ client, screen: new Screen(out, { fancy: false }), seen })).toEqual([
        `clock.remind ended cancelled (${bad})`,
      ]);
      // Node 26 reads a chunk at a time.
      let text = "";
      for (let chunk = out.read(); chunk !== null; chunk = out.read()) text += String(chunk);
      expect(text).toMatch(/clock\.remind +✘ cancelled/);
    } finally {
      await server.kill("SIGKILL");
    }
  });
});
