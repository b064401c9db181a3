/** `errand run` against a real server, by worked examples: what people read, the envelope, the log, and who waits. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../../src/client/index.ts";
import { RunResultBody } from "../../src/contract/manifests/run-body.ts";
import type { Errand, Ran } from "../support/cli/run-errand.ts";
import { bundledErrand } from "../support/cli/run-errand.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const folder = mkdtempSync(join(tmpdir(), "errand-run-"));
const LOGS = join(folder, "agent_logs");
let server: Server;
let errand: Errand;
let client: ReturnType<typeof createClient>;

function manifest(name: string, more: object = {}): string {
  const required = { name, version: "0.1.0", description: "Counts texts.", capabilities: ["Count words"] };
  return JSON.stringify({ ...required, skills_available: ["text.count"], reasoning_mode: "oneshot", ...more });
}

beforeAll(async () => {
  server = await startServer({ stateDir: join(folder, "state") });
  const env = { ERRAND_URL: server.url, XDG_CONFIG_HOME: join(folder, "config") };
  errand = await bundledErrand({ env, cwd: folder });
  client = createClient({ baseUrl: server.url });
  mkdirSync(join(folder, "agents/text.counter"), { recursive: true });
  writeFileSync(join(folder, "agents/text.counter/agent.yaml"), manifest("text.counter"));
  writeFileSync(join(folder, "draft.json"), manifest("text.draft", { status: "draft" }));
  writeFileSync(
    join(folder, "bad.yaml"),
    "name: bad\nversion: 0.1.0\ndescription: x\nskills_available: [text.count]\n",
  );
  writeFileSync(
    join(folder, "parser.yaml"),
    manifest("text.parser", { skills_available: ["text.parse", "text.count"] }),
  );
  writeFileSync(join(folder, "caller.yaml"), manifest("text.caller", { skills_available: ["call:approvals.demo"] }));
});
afterAll(async () => {
  errand.remove();
  await server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => rmSync(LOGS, { recursive: true, force: true }));

function envelope({ stdout }: Ran): Record<string, unknown> & { readonly details: Record<string, unknown> } {
  expect(stdout.trim().split("\n")).toHaveLength(1);
  return JSON.parse(stdout);
}

/** The terminal of Example 1; `{…}` stands for the plan. */
const EXAMPLE = `================================================================================
AGENT EXECUTION: text.counter
================================================================================

Agent: text.counter v0.1.0
Mode: oneshot
Status: active

Task: Count the words of this

--------------------------------------------------------------------------------
CLAUDE RESPONSE:
--------------------------------------------------------------------------------
{…}

--------------------------------------------------------------------------------
EXECUTION RESULTS:
--------------------------------------------------------------------------------

✓ text.count
  Purpose: Counts the characters, words and lines of a text.
  Status: simulated

📝 Log saved to: LOG

================================================================================
EXECUTION COMPLETE
================================================================================
`;

describe("errand run", () => {
  it("prints the sections, words and marks of Example 1", async () => {
    const ran = await errand("run", "text.counter", "Count the words of this", "--dry-run");
    const [path = "none"] = readdirSync(LOGS).filter((name) => /_\d{8}_\d{6}\.json$/.test(name));
    const shown = ran.stdout.replace(/^\{\n[\s\S]*?^\}$/m, "{…}").replace(join(LOGS, path), "LOG");
    expect([ran.code, shown]).toEqual([0, EXAMPLE]);
    expect(ran.stderr).toMatch(/errand executions show exec_\S+/);
    expect(ran.stderr).not.toContain("│");
  });

  it("shows on a terminal what the model writes and what the skills do, before the sections of Example 1", async () => {
    const task = "Count the words of this";
    const { code, stdout } = await errand.with({ env: { NO_COLOR: "1" } }).onTerminal(["run", "text.counter", task]);
    const [before = "", after] = stdout
      .replaceAll("\r", "")
      .split(`${"=".repeat(80)}\nAGENT EXECUTION: text.counter\n`);
    const live = before.split("\n").filter((line) => line.startsWith("       │ "));
    const plan = JSON.parse(live.map((line) => line.slice("       │ ".length)).join("\n"));
    const { claude_response } = JSON.parse(readFileSync(join(LOGS, "text.counter_latest.json"), "utf8"));
    expect([code, plan]).toEqual([0, claude_response]);
    expect(before.indexOf("text.count begins")).toBeGreaterThan(before.lastIndexOf("│"));
    expect(after).toContain("EXECUTION COMPLETE");
    const json = await errand.onTerminal(["run", "text.counter", task, "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: true });
  });

  it("really runs the skills, and answers the envelope; the log is its details, twice", async () => {
    const ran = await errand("run", "text.counter", "Count the words of this", "--json");
    const { next_steps: _, ...answered } = envelope(ran);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const { details } = RunResultBody.parse(answered);
    expect(answered).toMatchObject({ ok: true, status: "success", errors: [] });
    expect(details).toMatchObject({
      agent: { name: "text.counter", version: "0.1.0", reasoning_mode: "oneshot", status: "active" },
      task_context: "Count the words of this",
      missing_skills: [],
      execution_results: [{ skill: "text.count", status: "success", output: { words: 5, characters: 23, lines: 1 } }],
      summary: { skills_planned: 1, skills_executed: 1, success: true },
    });
    const log = JSON.parse(readFileSync(details.log_path ?? "", "utf8"));
    expect(log).toEqual(answered.details);
    expect(JSON.parse(readFileSync(join(LOGS, "text.counter_latest.json"), "utf8"))).toEqual(log);
    expect(details.log_path).toMatch(/agent_logs\/text\.counter_\d{8}_\d{6}\.json$/);
  });

  it("takes the path of a manifest, and registers nothing (Example 2)", async () => {
    const ran = await errand("run", "agents/text.counter/agent.yaml", "Count the words of this", "--json");
    expect([ran.code, envelope(ran)]).toMatchObject([0, { ok: true, details: { agent: { name: "text.counter" } } }]);
    const known = [];
    for await (const { agent_id: id } of client.directory.agents()) known.push(id);
    expect(known).not.toContain("text.counter");
  });

  it("writes no log with --no-save-log (Example 3)", async () => {
    const ran = await errand("run", "text.counter", "Count", "--no-save-log", "--json");
    expect([ran.code, "log_path" in envelope(ran).details, existsSync(LOGS)]).toEqual([0, false, false]);
    expect((await errand("run", "text.counter", "Count", "--no-save-log")).stdout).not.toContain("Log saved");
  });

  it("simulates with --dry-run", async () => {
    const { details } = envelope(await errand("run", "text.counter", "Count", "--dry-run", "--json"));
    expect(details.execution_results).toMatchObject([
      { status: "simulated", output: { success: true, note: "Simulated execution of text.count" } },
    ]);
  });

  it("runs an agent of the server by its name (Example 1)", async () => {
    const task = "Create a REST API for managing blog posts with CRUD operations";
    const ran = await errand("run", "api.designer", task);
    expect([ran.code, ran.stdout]).toEqual([
      0,
      expect.stringContaining(`Mode: iterative\nStatus: active\n\nTask: ${task}\n`),
    ]);
    for (const skill of ["api.define", "api.validate"])
      expect(ran.stdout).toMatch(new RegExp(`^✓ ${skill}\n  Purpose: .+\n  Status: success$`, "m"));
    expect(readdirSync(LOGS)).toContain("api.designer_latest.json");
  });

  it("hands documents to its skills (Example 2)", async () => {
    const openapi = { openapi: "3.1.0", info: { title: "Pets", version: "1.0.0" }, paths: {} };
    writeFileSync(join(folder, "pets.json"), JSON.stringify(openapi));
    const { details } = envelope(
      await errand("run", "api.analyzer", "Analyze this API", "--file", "pets.json", "--json"),
    );
    expect(JSON.stringify(details.claude_response)).toContain("pets.json");
    const twice = await errand("run", "api.analyzer", "x", "--file", "pets.json", "--file", "./pets.json", "--json");
    expect([twice.code, envelope(twice)]).toMatchObject([
      2,
      { error: { message: expect.stringContaining("pets.json") } },
    ]);
  });

  it("gives the context that is asked for, and warns of what is missing", async () => {
    const asks = join(folder, "asks.yaml");
    writeFileSync(
      asks,
      manifest("text.asker", {
        context_requirements: { domain: "string", tone: "string" },
        skills_available: ["text.count", "text.gone"],
      }),
    );
    const ran = await errand("run", asks, "Count", "--context", "domain=a=b", "--context", "more=1");
    expect(ran.stderr).toContain("warning: the context has no tone");
    expect(ran.stderr).toMatch(/warning: .*text\.gone/);
    expect(JSON.parse(readFileSync(join(LOGS, "text.asker_latest.json"), "utf8"))).toMatchObject({
      missing_context: ["tone"],
      missing_skills: ["text.gone"],
      prompt: expect.stringContaining("a=b"),
    });
  });

  it("says what failed, in its log too, and ends with 1", async () => {
    const ran = await errand("run", "parser.yaml", "this is no JSON");
    expect([ran.code, ran.stdout]).toEqual([1, expect.stringContaining("✗ text.parse")]);
    expect(ran.stdout).toMatch(/Status: skipped[\s\S]*EXECUTION FAILED/);
    expect(JSON.parse(readFileSync(join(LOGS, "text.parser_latest.json"), "utf8"))).toMatchObject({
      summary: { success: false },
      error: { type: "ErrandError" },
    });
    const shown = await errand("logs", "show", "text.parser");
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining("EXECUTION FAILED")]);
  });
});

describe("a run that cannot begin", () => {
  it("names the agent that is not there, where it was looked for, and what to do", async () => {
    const ran = await errand("run", "my.agent", "Hello", "--json");
    expect([ran.code, envelope(ran)]).toMatchObject([
      4,
      {
        ok: false,
        status: "failed",
        errors: ["Agent not found: my.agent"],
        details: {
          error: {
            type: "ErrandError",
            message: "Agent not found: my.agent",
            details: {
              agent_path: "my.agent",
              expected_path: join(folder, "agents/my.agent/agent.yaml"),
              suggestion: "Use 'errand agents list' to see available agents",
            },
          },
        },
        error: { kind: "not_found", next_steps: [{ command: "errand agents list" }] },
      },
    ]);
  });

  it("names every field that its manifest lacks", async () => {
    const ran = await errand("run", "./bad.yaml", "Hello", "--json");
    expect([ran.code, envelope(ran)]).toMatchObject([
      2,
      {
        ok: false,
        errors: ["Agent manifest missing required fields: capabilities, reasoning_mode"],
        details: { error: { type: "ErrandError", details: { missing_fields: ["capabilities", "reasoning_mode"] } } },
        error: { next_steps: [{ command: "errand agents validate ./bad.yaml" }] },
      },
    ]);
  });

  it.each([
    ["a path that is not there", ["none/agent.yaml"], 4],
    ["a draft", ["./draft.json"], 1],
    ["a context without a value", ["text.counter", "x", "--context", "domain"], 2],
    ["a server that does not answer", ["text.counter", "--url", "http://127.0.0.1:9"], 5],
  ] as const)("because of %s", async (_what, args, code) => {
    const ran = await errand("run", ...args, "--json");
    expect([args, ran.code, envelope(ran)]).toMatchObject([args, code, { error: { message: expect.any(String) } }]);
    expect(existsSync(LOGS)).toBe(false);
  });
});

it("a document that is not there is what is missing, and not the agent", async () => {
  const ran = await errand("run", "text.counter", "Count", "--file", "none.txt", "--json");
  const { error } = envelope(ran).details as { error: { details: object } };
  expect([ran.code, envelope(ran).errors, error.details]).toEqual([
    4,
    ["none.txt is not there."],
    { agent_path: "text.counter" },
  ]);
});

describe("who stops waiting", () => {
  const idIn = (text: string) => /exec_[\w-]{50,}/.exec(text)?.[0] ?? "none";

  async function goesOn(ran: Ran): Promise<void> {
    const id = idIn(ran.stderr + ran.stdout);
    expect(ran.stderr + ran.stdout).toContain(`errand executions watch ${id}`);
    expect((await client.get(id)).finished_at).toBeUndefined();
    await client.cancel(id);
  }

  it("after --timeout leaves the run going, with code 124", async () => {
    const ran = await errand("run", "caller.yaml", "Claim", "--timeout", "3s");
    expect(ran.code).toBe(124);
    await goesOn(ran);
  });

  it("with ^C leaves the run going, and is told how to come back", async () => {
    const ran = await errand.onTerminal(["run", "caller.yaml", "Claim"], (shown) =>
      shown.includes("approvals.demo begins") ? "\u0003" : undefined,
    );
    expect(ran.code).toBe(130);
    await goesOn(ran);
  });

  it("because only a person can go on is told what to do, with code 9", async () => {
    const before = (await newest())?.execution_id;
    const paused = errand("run", "caller.yaml", "Claim", "--json", "--timeout", "60");
    await expect
      .poll(async () => {
        const now = await newest();
        return now?.execution_id === before ? "not begun" : now?.status;
      })
      .toMatch(/running|waiting/);
    await client.pause((await newest())?.execution_id ?? "none");
    const ran = await paused;
    const { error } = envelope(ran) as unknown as { error: { kind: string; next_steps: { command: string }[] } };
    expect(envelope(ran)).toMatchObject({ ok: true, execution_id: (await newest())?.execution_id });
    expect([ran.code, error.kind, error.next_steps[0]?.command]).toEqual([
      9,
      "waits",
      expect.stringMatching(/^errand executions resume exec_/),
    ]);
  });

  async function newest() {
    const { items } = await client.listPage({ target: "text.caller.run", limit: 1 });
    return items[0];
  }
});

describe("errand logs", () => {
  it("lists, prints and prunes", async () => {
    for (const _ of [1, 2, 3]) await errand("run", "text.counter", "Count", "--dry-run");
    const listed = JSON.parse((await errand("logs", "--json")).stdout) as { items: { agent: string; path: string }[] };
    expect(listed.items.map(({ agent }) => agent)).toEqual(["text.counter", "text.counter", "text.counter"]);
    const refused = await errand("logs", "prune", "--keep", "1");
    expect([refused.code, (await errand("logs", "--json")).stdout]).toEqual([
      3,
      expect.stringContaining(listed.items[2]?.path ?? "none"),
    ]);
    const pruned = JSON.parse((await errand("logs", "prune", "--keep", "1", "--yes", "--json")).stdout);
    expect(pruned.removed).toEqual(listed.items.slice(1).map(({ path }) => path));
    expect(readdirSync(LOGS)).toHaveLength(2);
  });
});
