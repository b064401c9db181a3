/** `errand work` against a real server: a subtask is a command, and its exit code says how it ended. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Errand } from "../support/cli/run-errand.ts";
import { bundledErrand } from "../support/cli/run-errand.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const folder = mkdtempSync(join(tmpdir(), "errand-work-"));
let server: Server;
let errand: Errand;

/** Shouts; fails for the word "bad", and once for each subtask whose word is "shy". */
const WORKER = `
const { params, task_id, attempt, idempotency_key } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
if (params.word === "bad") { console.error("no such word"); process.exit(65); }
if (params.word === "shy" && attempt === 1) { console.error("not yet"); process.exit(1); }
console.log(JSON.stringify({ shouted: params.word.toUpperCase(), task_id, attempt, idempotency_key }));
`;

beforeAll(async () => {
  server = await startServer({ stateDir: join(folder, "state") });
  const env = { ERRAND_URL: server.url, XDG_CONFIG_HOME: join(folder, "config") };
  errand = await bundledErrand({ env, cwd: folder });
  writeFileSync(join(folder, "worker.cjs"), WORKER);
  writeFileSync(join(folder, "slow.cjs"), SLOW);
});
afterAll(async () => {
  writeFileSync(join(folder, "over"), "");
  errand.remove();
  await server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}${path}`, {
    ...{ method, headers: { "content-type": "application/json" } },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** What `errand work` calls here keeps this: a line a call, in the file of its agent. */
interface Call {
  readonly key: string;
  readonly attempt: number;
  readonly is_interrupted: boolean;
}

/** Counts its calls on the outside. The first one lasts until the file `over` is there; so does what a kill left behind. */
const SLOW = `
const fs = require("node:fs");
const [log] = process.argv.slice(2);
const { params, attempt, is_interrupted, idempotency_key: key } = JSON.parse(fs.readFileSync(0, "utf8"));
const isFirst = !fs.existsSync(log);
fs.appendFileSync(log, JSON.stringify({ key, attempt, is_interrupted }) + "\\n");
const end = () => console.log(JSON.stringify({ word: params.word }));
if (!isFirst) end();
else { const look = setInterval(() => { if (fs.existsSync("over")) { clearInterval(look); end(); } }, 50); }
`;

const keyFile = () => join(folder, `.errand/agents/agent_shouter@${new URL(server.url).host.replace(":", "_")}.key`);

interface Row {
  readonly status: string;
  readonly blocked: object | null;
}
const tasksOf = ({ tasks }: Record<string, unknown>) => tasks as readonly { readonly subtasks: readonly Row[] }[];

const subtask = (id: string, word: string) => ({
  ...{ subtask_id: id, title: `Shout ${word}`, action: "shout", params: { word } },
  retry_policy: { max_attempts: 3, backoff_seconds: 1 },
});

it("does subtasks by their commands, drains when it is stopped, and keeps its key to itself", async () => {
  const subtasks = [
    subtask("task_1_a", "tea"),
    subtask("task_1_b", "shy"),
    { ...subtask("task_1_c", "bad"), depends_on: ["task_1_b"] },
  ];
  const plan = { plan_id: "plan_shouting", goal: "Shout", tasks: [{ task_id: "task_1", title: "Shout", subtasks }] };
  expect(await call("POST", "/api/plans", plan)).toMatchObject({ plan_id: "plan_shouting" });
  let isOver = false;
  const working = errand.with({ signalAt: () => (isOver ? "SIGINT" : undefined) })(
    ...["work", "agent_shouter", "--action", "shout", "--idempotent", "--json", "--", process.execPath, "worker.cjs"],
  );
  await expect.poll(() => existsSync(keyFile())).toBe(true);
  const { id } = await call("POST", "/api/executions", { plan_id: "plan_shouting", agent_id: "agent_shouter" });
  const rows = async () => tasksOf(await call("GET", `/api/executions/${id}`)).flatMap(({ subtasks: all }) => all);
  await expect
    .poll(async () => (await rows()).map(({ status, blocked }) => (blocked ? "BLOCKED" : status)))
    .toEqual(["COMPLETE", "COMPLETE", "BLOCKED"]);
  expect(await rows()).toMatchObject([
    {
      result_data: {
        shouted: "TEA",
        task_id: "task_1_a",
        attempt: 1,
        idempotency_key: expect.stringContaining("task_1_a"),
      },
    },
    { result_data: { shouted: "SHY", attempt: 2 } },
    { error: "it ended with code 65: no such word", blocked: { error_type: "command_failed" } },
  ]);
  expect(statSync(keyFile()).mode & 0o077).toBe(0);
  isOver = true;
  const ran = await working;
  expect(ran.code).toBe(0);
  for (const line of ran.stdout.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("level");
  expect(ran.stdout + ran.stderr).not.toContain(readFileSync(keyFile(), "utf8"));
});

it.each([
  { agent: "agent_twice", flags: ["--idempotent"] },
  { agent: "agent_once", flags: [] },
])(
  "SIGKILL in the middle of a subtask: $agent $flags does it again, or a person is asked",
  async ({ agent, flags }) => {
    const log = join(folder, `${agent}.log`);
    const calls = (): Call[] =>
      existsSync(log)
        ? readFileSync(log, "utf8")
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line))
        : [];
    const tasks = [
      { task_id: "task_1", title: "Shout", subtasks: [subtask("task_1_a", "tea"), subtask("task_1_b", "two")] },
    ];
    await call("POST", "/api/plans", { plan_id: `plan_${agent}`, goal: "Shout", tasks });
    const { id } = await call("POST", "/api/executions", { plan_id: `plan_${agent}`, agent_id: agent });
    const states = async () =>
      tasksOf(await call("GET", `/api/executions/${id}`)).flatMap(({ subtasks }) =>
        subtasks.map(({ status, blocked }) => (blocked ? "BLOCKED" : status)),
      );
    const work = (signalAt: () => NodeJS.Signals | undefined) =>
      errand.with({ signalAt })("work", agent, "--action", "shout", ...flags, "--", process.execPath, "slow.cjs", log);

    const killed = await work(() => (calls().length > 0 ? "SIGKILL" : undefined));
    expect(killed.stderr).toContain(`${agent} waits for work from ${server.url}.`);
    expect(await states()).toEqual(["RUNNING", "QUEUED"]);

    let isOver = false;
    const working = work(() => (isOver ? "SIGINT" : undefined));
    const [first] = calls();
    if (agent === "agent_twice") {
      await expect.poll(states).toEqual(["COMPLETE", "COMPLETE"]);
      // The same subtask again: the outside knows it by its key.
      expect(calls().slice(0, 2)).toEqual([first, { ...first, attempt: calls()[1]?.attempt, is_interrupted: true }]);
      expect(calls()).toHaveLength(3);
    } else {
      await expect.poll(states).toEqual(["BLOCKED", "QUEUED"]);
      expect(calls().filter(({ key }) => key === first?.key)).toHaveLength(1);
      await call("POST", `/api/executions/${id}/resolve`, { task_id: "task_1_a", option: "retry_task" });
      await expect.poll(states).toEqual(["COMPLETE", "COMPLETE"]);
      expect(calls().filter(({ key }) => key === first?.key)).toHaveLength(2);
    }
    isOver = true;
    expect(await working).toMatchObject({ code: 0, stderr: expect.stringContaining("It takes nothing new.") });
  },
);
