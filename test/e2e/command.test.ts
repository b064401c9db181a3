/**
 * The command `errand` against a real server: every command with `--json`, the exit codes, a pipe, a terminal, signals.
 * What it prints as help is in test/unit/cli.
 */

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXITS } from "../../src/cli/frame/exits.ts";
import { ROWS } from "../../src/cli/frame/table.ts";
import { createClient } from "../../src/client/index.ts";
import type { Errand, Ran } from "../support/cli/run-errand.ts";
import { bundledErrand } from "../support/cli/run-errand.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const folder = mkdtempSync(join(tmpdir(), "errand-command-"));
const MANIFEST = {
  ...{ name: "text.counter", version: "0.1.0", description: "Counts texts." },
  ...{ capabilities: ["Count words"], skills_available: ["text.count"], reasoning_mode: "oneshot" },
};

let server: Server;
let errand: Errand;
let client: ReturnType<typeof createClient>;
const ids = { succeeded: "", failed: "", cancelled: "", asleep: "", approval: "", schedule: "nightly", key: "" };

beforeAll(async () => {
  // Nothing listens at the bank's address: a transfer is in doubt.
  server = await startServer({ stateDir: join(folder, "state"), env: { LEDGER_SERVICE_URL: "http://127.0.0.1:9" } });
  errand = await bundledErrand({
    env: { ERRAND_URL: server.url, XDG_CONFIG_HOME: join(folder, "config") },
    cwd: folder,
  });
  client = createClient({ baseUrl: server.url });
  writeFileSync(join(folder, "agent.yaml"), JSON.stringify(MANIFEST));
  ids.succeeded = (await client.execute("support-agent.analyze_sentiment", { message: "Good." })).execution_id;
  const parser = { ...MANIFEST, name: "text.parser", skills_available: ["text.parse"] };
  const run = await client.runAgent("text.parser", { manifest: parser, task_context: "this is no JSON" });
  ids.failed = run.execution_id;
  ids.cancelled = (await client.executeAsync("clock.remind", { message: "tea", seconds: 3_600 })).execution_id;
  await client.cancel(ids.cancelled);
  ids.asleep = (await client.executeAsync("clock.remind", { message: "tea", seconds: 3_600 })).execution_id;
  ids.approval = await askForApproval();
  await client.schedules.create({
    schedule_id: ids.schedule,
    target: "clock.remind",
    input: { message: "tea", seconds: 1 },
    cron: "0 6 * * *",
  });
  ids.key = (await client.keys.create({ name: "tests", scopes: ["read"] })).key_id;
});
afterAll(async () => {
  errand.remove();
  await server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** The id of an approval that waits. */
async function askForApproval(): Promise<string> {
  const { waiting_for: waits } = await client.execute("approvals.demo", { claim: "claim-7", amount: 120 });
  return waits?.approval_request_id ?? "none";
}

/** An execution whose effect is in doubt: its bank was asked and did not answer. */
async function doubtful(): Promise<string> {
  const transfer = { ...MANIFEST, name: "money.mover", skills_available: ["money.transfer"] };
  const task_context = JSON.stringify({ payment_id: `p-${randomUUID()}`, amount: 5 });
  const { execution_id: id } = await client.runAgent(
    "money.mover",
    { manifest: transfer, task_context },
    { waitMs: 0 },
  );
  await expect.poll(async () => (await client.get(id)).waiting_for?.type).toBe("review");
  return id;
}

function documents({ stdout }: Ran): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const UNSET = "exec_AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** A call of each command that goes well; a function makes what it needs. */
type Words = () => readonly string[] | Promise<readonly string[]>;
const CALLS = new Map<string, Words>([
  ["executions start", () => ["clock.remind", "--input", '{"message": "tea", "seconds": 0}']],
  ["executions signal", () => [ids.asleep, "go-on", "--data", '{"cents": 1}']],
  [
    "executions resolve",
    async () => [await doubtful(), "--as", "succeeded", "--result", '{"reference": "by hand"}', "--feedback", "seen"],
  ],
  ["executions bulk", () => ["cancel", "--target", "approvals.none", "--yes"]],
  ["experiments set", () => ["api.designer", "0.1.0=100"]],
  ["experiments show", () => ["api.designer.run"]],
  ["experiments delete", () => ["api.designer.run", "--yes"]],
  ["executions list", () => ["--status", "succeeded", "--limit", "3"]],
  ["executions show", () => [ids.succeeded]],
  ["executions events", () => [ids.succeeded]],
  ["executions why", () => [ids.asleep]],
  ["executions watch", () => [ids.succeeded]],
  ["executions pause", () => [ids.asleep, "--reason", "later"]],
  ["executions resume", () => [ids.asleep]],
  ["executions restart", () => [ids.failed, "--scope", "execution"]],
  [
    "executions cancel",
    async () => [(await client.executeAsync("clock.remind", { message: "tea", seconds: 3_600 })).execution_id, "--yes"],
  ],
  ["approvals list", () => []],
  ["approvals show", () => [ids.approval]],
  ["approvals approve", async () => [await askForApproval(), "--option", "pay_half"]],
  ["approvals reject", async () => [await askForApproval(), "--feedback", "no"]],
  ["agents list", () => []],
  ["agents show", () => ["support-agent"]],
  ["agents new", () => ["text.shouter", "--skill", "text.count"]],
  ["agents put", () => ["agent.yaml"]],
  ["agents delete", () => ["text.counter", "--yes"]],
  ["agents validate", () => ["agent.yaml"]],
  ["skills list", () => []],
  ["skills show", () => ["text.count"]],
  ["schedules list", () => []],
  ["schedules show", () => [ids.schedule]],
  [
    "schedules create",
    () => ["clock.remind", "--every", "24h", "--id", "daily", "--input", '{"message": "tea", "seconds": 1}'],
  ],
  ["schedules change", () => ["daily", "--every", "12h", "--max-runs", "9"]],
  ["schedules pause", () => ["daily"]],
  ["schedules resume", () => ["daily"]],
  ["schedules trigger", () => ["daily"]],
  ["schedules history", () => ["daily"]],
  ["schedules delete", () => ["daily", "--yes"]],
  ["keys create", () => ["ci", "--scope", "read", "--scope", "execute"]],
  ["keys list", () => []],
  ["keys revoke", async () => [(await client.keys.create({ name: "gone", scopes: ["read"] })).key_id, "--yes"]],
  ["run", () => ["agent.yaml", "Count", "--dry-run"]],
  ["logs", () => []],
  ["logs show", () => ["text.counter"]],
  ["logs prune", () => ["--days", "30", "--yes"]],
  ["doctor", () => []],
  ["completion", () => ["bash"]],
  ["commands", () => []],
]);
/** Those of which a call that goes well needs more than this server: here with a call that is refused. */
const REFUSED: ReadonlyMap<string, () => readonly string[]> = new Map([
  ["work", () => ["agent_tests", "--action", "shout"]],
  ["init", () => ["No Name"]],
  ["dev", () => []],
]);

describe("--json", () => {
  it("is tried with every command", () => {
    expect([...CALLS.keys(), ...REFUSED.keys()].sort()).toEqual(ROWS.map(({ words }) => words).sort());
  });

  it.each([...CALLS])("errand %s prints what its schema says, and nothing else", async (words, args) => {
    const call = [...words.split(" "), ...(await args())];
    const ran = await errand(...call, "--json");
    expect([call, ran.code, ran.stderr]).toEqual([call, 0, ""]);
    const row = ROWS.find((one) => one.words === words);
    const output = (await row?.load())?.command.output;
    const found = documents(ran);
    for (const one of found) output?.parse(one);
    const { next_steps: next } = found.at(-1) as { readonly next_steps?: { readonly command: string }[] };
    for (const { command } of next ?? []) expect(command).toMatch(/^errand [a-z]/);
  });

  it.each([...REFUSED])("errand %s is refused with a document", async (words, args) => {
    const ran = await errand(...words.split(" "), ...args(), "--json");
    expect([words, ran.code]).toEqual([words, expect.toSatisfy((code: number) => code > 0)]);
    expect(documents(ran)).toEqual([
      { error: expect.objectContaining({ kind: expect.any(String), message: expect.any(String) }) },
    ]);
    expect(ran.stderr).toBe("");
  });

  it("is a document for help and for a line that means nothing", async () => {
    const [help] = documents(await errand("executions", "--help", "--json"));
    expect(help).toMatchObject({
      commands: expect.arrayContaining([expect.objectContaining({ command: "errand executions list" })]),
    });
    const ran = await errand("executions", "lst", "--json");
    expect([ran.code, documents(ran)[0]]).toMatchObject([
      2,
      { error: { kind: "usage", next_steps: [{ command: "errand --help" }] } },
    ]);
  });

  it("ends a stream with the failure as its last line", async () => {
    const ran = await errand("executions", "watch", ids.asleep, "--timeout", "1", "--json");
    const found = documents(ran);
    expect([ran.code, found.length > 2, found.at(-1)]).toEqual([
      124,
      true,
      { error: expect.objectContaining({ kind: "timeout" }) },
    ]);
  });
});

describe("an exit code", () => {
  const cases: readonly [keyof typeof EXITS, () => readonly string[] | Promise<readonly string[]>][] = [
    ["done", () => ["executions", "watch", ids.succeeded]],
    ["failed", () => ["executions", "watch", ids.failed]],
    ["failed", () => ["executions", "resume", ids.succeeded]],
    ["usage", () => ["executions", "list", "--limit", "many"]],
    ["usage", () => ["executions", "show", "exec_"]],
    ["usage", () => ["executions", "list", "--status", "odd"]],
    ["needs_confirmation", () => ["executions", "cancel", ids.asleep]],
    ["not_found", () => ["executions", "show", UNSET]],
    ["not_found", () => ["agents", "validate", "none.yaml"]],
    ["network", () => ["executions", "list", "--url", "http://127.0.0.1:9"]],
    ["aborted", () => ["executions", "watch", ids.cancelled]],
    ["timeout", () => ["executions", "watch", ids.asleep, "--timeout", "1s"]],
  ];
  it.each(cases)("says %s", async (kind, args) => {
    const call = await args();
    const ran = await errand(...call);
    expect([call, ran.code, ran.stderr]).toEqual([call, EXITS[kind].code, expect.stringContaining("Next:")]);
    expect(ran.stderr).not.toContain("    at ");
  });

  it("says auth for a key that opens nothing", async () => {
    const ran = await errand.with({ env: { ERRAND_API_KEY: "ek_that_is_unknown" } })("executions", "list");
    expect([ran.code, ran.stderr]).toEqual([EXITS.auth.code, expect.stringContaining("errand doctor")]);
    expect(ran.stdout + ran.stderr).not.toContain("ek_that_is_unknown");
  });

  it("says server for an error of the server's own", async () => {
    const problem = {
      title: "Busy",
      status: 503,
      detail: "No room. Send it again later.",
      code: "no_room",
      retryable: false,
    };
    const body = { type: "/docs#no_room", ...problem, request_id: "req_1", error: "no_room", message: "No room." };
    const busy = createServer((_request, response) =>
      response.writeHead(503, { "content-type": "application/problem+json" }).end(JSON.stringify(body)),
    );
    await new Promise<void>((done) => busy.listen(0, "127.0.0.1", done));
    const { port } = busy.address() as AddressInfo;
    const ran = await errand("skills", "list", "--json", "--url", `http://127.0.0.1:${port}`);
    busy.close();
    expect([ran.code, documents(ran)[0]]).toMatchObject([
      EXITS.server.code,
      { error: { kind: "server", code: "no_room" } },
    ]);
  });

  it("says network for an answer that is none of Errand's", async () => {
    const broken = createServer((_request, response) => response.writeHead(503).end("no room"));
    await new Promise<void>((done) => broken.listen(0, "127.0.0.1", done));
    const { port } = broken.address() as AddressInfo;
    const ran = await errand("skills", "list", "--json", "--url", `http://127.0.0.1:${port}`);
    broken.close();
    expect([ran.code, documents(ran)[0]]).toMatchObject([
      EXITS.network.code,
      { error: { causes: [expect.stringContaining("503")] } },
    ]);
  });
});

describe("a change", () => {
  it("of --dry-run changes nothing, and gives the command that does exactly this", async () => {
    const ran = await errand("approvals", "approve", "latest", "--dry-run", "--json");
    const { plan, next_steps: next } = documents(ran)[0] as { plan: string[]; next_steps: { command: string }[] };
    expect([ran.code, plan.join()]).toEqual([0, expect.stringContaining('"claim-7"')]);
    expect(next[0]?.command).toMatch(/^errand approvals approve gate_\S+ --json --digest \S+$/);
    expect((await client.directory.approvals()).items.map(({ status }) => status)).toContain("pending");
  });

  it("that ends something names it whole, and does nothing without --yes", async () => {
    const ran = await errand("executions", "cancel", ids.asleep.slice(0, 24));
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([
      3,
      "",
      expect.stringContaining(`Cancels ${ids.asleep} (clock.remind)`),
    ]);
    expect(ran.stderr).toContain(`errand executions cancel ${ids.asleep} --yes`);
    expect((await client.get(ids.asleep)).status).toBe("running");
  });
});

describe("errand executions", () => {
  it("resolve says what became of an effect in doubt, and its program goes on with that", async () => {
    const id = await doubtful();
    const [why] = documents(await errand("executions", "why", id, "--json"));
    const { next_steps: next } = why as { next_steps: { command: string }[] };
    expect(next.map(({ command }) => command)).toContainEqual(
      expect.stringMatching(/^errand executions resolve .* --as succeeded$/),
    );
    const ran = await errand("executions", "resolve", id, "--as", "succeeded", "--result", '{"reference": "by hand"}');
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/answer +succeeded/)]);
    const ended = await client.wait(id);
    expect(ended).toMatchObject({
      status: "succeeded",
      result: { execution_results: [{ output: { reference: "by hand" } }] },
    });
    const again = await errand("executions", "resolve", id, "--as", "retry");
    expect([again.code, again.stderr]).toEqual([
      0,
      expect.stringContaining("it had been answered before; that answer counts"),
    ]);
  });

  it("start runs any function to its end, says what to do when a person is needed, and does not wait with --detach", async () => {
    const target = "clock.remind";
    const done = await errand(
      "executions",
      "start",
      target,
      "--input",
      '{"message": "tea", "seconds": 0}',
      "--id",
      "exec_tea",
    );
    expect([done.code, done.stdout]).toEqual([0, expect.stringMatching(/status +succeeded[\s\S]*"message": "tea"/)]);
    expect(done.stderr).toContain("errand executions show exec_");
    const waits = await errand("executions", "start", "approvals.demo", "--input", '{"claim": "c", "amount": 120}');
    expect([waits.code, waits.stderr]).toEqual([
      EXITS.waits.code,
      expect.stringContaining("errand approvals approve gate_"),
    ]);
    const left = await errand(
      "executions",
      "start",
      target,
      "--input",
      '{"message": "tea", "seconds": 3600}',
      "--detach",
      "--json",
    );
    const [{ execution_id: id }] = documents(left) as [{ execution_id: string }];
    expect((await client.get(id)).finished_at).toBeUndefined();
    const wrong = await errand("executions", "start", "clock.remnd");
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringMatching(/did you mean "clock\.remind"\?\n[\s\S]*errand agents list/),
    ]);
  });

  it("bulk counts first, and does with --yes what a filter finds", async () => {
    const started = await client.executeAsync(
      "clock.remind",
      { message: "bulk", seconds: 3_600 },
      { sessionId: "bulk-1" },
    );
    const counted = await errand("executions", "bulk", "pause", "--session", "bulk-1");
    expect([counted.code, counted.stderr]).toEqual([
      3,
      expect.stringContaining(`Pauses 1 execution, the newest first:\n  ${started.execution_id}`),
    ]);
    expect((await client.get(started.execution_id)).status).not.toBe("paused");
    const [{ execution_id: bulk }] = documents(
      await errand("executions", "bulk", "pause", "--session", "bulk-1", "--yes", "--json"),
    ) as [{ execution_id: string }];
    await client.wait(bulk);
    expect((await client.get(started.execution_id)).status).toBe("paused");
    expect(await errand("executions", "bulk", "pause")).toMatchObject({ code: 2 });
  });
});

describe("an id", () => {
  it("may be latest, its first letters, or what waits for it", async () => {
    const idOf = async (...args: readonly string[]) => documents(await errand(...args, "--json"))[0];
    const newest = await client.listPage({ limit: 1 });
    expect(await idOf("executions", "why", "latest")).toMatchObject({ execution_id: newest.items[0]?.execution_id });
    expect(await idOf("executions", "why", ids.asleep.slice(0, 20))).toMatchObject({ execution_id: ids.asleep });
    expect(await idOf("approvals", "show", ids.approval.slice(0, -3))).toMatchObject({
      approval_request_id: ids.approval,
    });
    expect(await idOf("schedules", "show", "night")).toMatchObject({ schedule_id: "nightly" });
    expect(await idOf("agents", "show", "support")).toMatchObject({ agent_id: "support-agent" });
    expect(await idOf("executions", "show", "exec_")).toMatchObject({
      error: { kind: "usage", causes: expect.arrayContaining([expect.stringMatching(/^exec_/)]) },
    });
  });
});

describe("in a pipe", () => {
  it("it has no colours, unless they are forced", async () => {
    const ESCAPE = "\u001b[";
    expect((await errand("executions", "list")).stdout).not.toContain(ESCAPE);
    expect((await errand.with({ env: { FORCE_COLOR: "1" } })("executions", "list")).stdout).toContain(ESCAPE);
    expect((await errand.with({ env: { FORCE_COLOR: "1" } })("executions", "list", "--json")).stdout).not.toContain(
      escape,
    );
  });

  it("it is quiet when its reader leaves", async () => {
    const ran = await errand.inShell("errand commands --json | head -c 10");
    expect(ran).toEqual({ code: 0, stdout: '{"commands', stderr: "" });
  });

  it("what changes something is done when its reader has left, and a failure keeps its code", async () => {
    const { execution_id: id } = await client.executeAsync("clock.remind", { message: "Later", seconds: 3_600 });
    expect((await errand.inShell(`errand executions cancel ${id} --yes 2>&1 | head -c 0`)).code).toBe(0);
    expect((await client.get(id)).status).toBe("cancelled");
    expect((await errand.inShell("errand executions show nothing 2>&1 | head -c 0")).code).toBe(4);
  });

  it("it shows what others wrote without what commands a terminal", async () => {
    const { execution_id: id } = await client.executeAsync("clock.remind", {
      message: "\u001b]0;owned\u0007\u009b2J",
      seconds: 3_600,
    });
    for (const args of [
      ["events", id],
      ["events", id, "--json"],
      ["show", id],
    ]) {
      const { stdout } = await errand("executions", ...args);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect([args, stdout.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)]).toEqual([args, null]);
    }
  });

  it("it shows requests and no key with ERRAND_LOG=debug", async () => {
    const { key } = await client.keys.create({ name: "debug", scopes: ["read"] });
    const ran = await errand.with({ env: { ERRAND_LOG: "debug", ERRAND_API_KEY: key } })(
      "executions",
      "list",
      "--json",
    );
    expect(ran.stderr).toMatch(/^debug: GET \/api\/v1\/executions\?limit=25 was answered 200 after \d+ ms \(\S+\)\n$/);
    expect(ran.stderr + ran.stdout).not.toContain(key);
    expect(documents(ran)).toHaveLength(1);
  });

  it("SIGINT detaches and says how to attach again; the execution goes on", async () => {
    const ran = await errand.with({
      signalAt: (printed) => (printed.includes("sleep") ? "SIGINT" : undefined),
    })("executions", "watch", ids.asleep);
    expect([ran.code, ran.stderr]).toEqual([130, expect.stringContaining(`errand executions watch ${ids.asleep}`)]);
    expect((await client.get(ids.asleep)).status).toBe("running");
  });
});

describe("on a terminal", () => {
  it("it has colours, unless they are unwanted", async () => {
    const ESCAPE = "\u001b[";
    expect((await errand.onTerminal(["executions", "list"])).stdout).toContain(ESCAPE);
    expect((await errand.with({ env: { NO_COLOR: "1" } }).onTerminal(["executions", "list"])).stdout).not.toContain(
      escape,
    );
    expect((await errand.with({ env: { TERM: "dumb" } }).onTerminal(["executions", "list"])).stdout).not.toContain(
      escape,
    );
  });

  it("^C detaches and says how to attach again; the execution goes on", async () => {
    const ran = await errand.onTerminal(["executions", "watch", ids.asleep], (shown) =>
      shown.includes("sleep") ? "\u0003" : undefined,
    );
    expect([ran.code, ran.stdout]).toEqual([130, expect.stringContaining(`Detached from ${ids.asleep}. It goes on.`)]);
    expect(ran.stdout).toContain(`errand executions watch ${ids.asleep}`);
    expect((await client.get(ids.asleep)).status).toBe("running");
  });

  it("it shows a waterfall, and why it waits", async () => {
    const { stdout } = await errand.with({ env: { NO_COLOR: "1" } }).onTerminal(["executions", "show", ids.asleep]);
    expect(stdout).toMatch(/why +it sleeps until its next timer/);
    expect(stdout).toMatch(/… sleep \S+ +█+ +\d/);
  });
});

describe("errand completion", () => {
  it("offers commands, flags and their values", async () => {
    const offered = async (...words: readonly string[]) => (await errand("complete", "--", ...words)).stdout;
    expect(await offered("exec")).toMatch(/^executions\t/m);
    expect(await offered("executions", "w")).toMatch(/^why\t.*\nwatch\t/m);
    expect(await offered("executions", "restart", "--re")).toMatch(/^--reuse\t/m);
    expect(await offered("executions", "restart", "--reuse", "")).toMatch(/^succeeded-before\t/m);
    expect(await offered("executions", "show", "")).toMatch(/^latest\t/m);
  });

  it.each(["bash", "zsh", "fish"])("prints a script for %s", async (shell) => {
    const { stdout, code } = await errand("completion", shell);
    expect([code, stdout]).toEqual([0, expect.stringContaining("errand complete --")]);
  });

  it("prints one that bash takes", async () => {
    // Twice, as when a shell reads its file again.
    const line = "for i in 1 2; do source <(errand completion bash); done && complete -p errand";
    expect(await errand.inShell(line)).toEqual({ code: 0, stdout: expect.stringContaining("errand\n"), stderr: "" });
  });
});

describe("errand doctor", () => {
  it("says what is wrong", async () => {
    const { code, stdout } = await errand("doctor", "--url", "http://127.0.0.1:9");
    expect([code, stdout]).toEqual([5, expect.stringMatching(/✗ +answer +http:\/\/127\.0\.0\.1:9 does not answer/)]);
  });
});

describe("errand --help", () => {
  it("takes less than 100 ms of CPU", async () => {
    const { stdout } = await errand.inShell(
      'for i in 1 2 3; do TIMEFORMAT="%U %S"; { time errand --help >/dev/null; } 2>&1; done',
    );
    const times = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" ").reduce((sum, part) => sum + Number(part), 0));
    expect(times).toHaveLength(3);
    expect(Math.min(...times)).toBeLessThan(0.1);
  });
});
