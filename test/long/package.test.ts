/**
 * The package as a stranger uses it: packed, installed into an empty folder, a project made, served, called, killed, served
 * again; its tests, its types and its deployment as they are made.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRefused, startServer } from "../support/processes/server.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const LIMIT = { timeout: 600_000 };
/** npm's own variables are about the run of this test. */
const ENV = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_registry)|INIT_CWD|VITEST)/.test(name)),
);

let folder: string;
let project: string;

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const execute = promisify(execFile);
async function run(command: string, args: readonly string[], cwd = folder): Promise<Ran> {
  const options = { cwd, env: ENV, maxBuffer: 2 ** 26 };
  return execute(command, [...args], options).then(
    (out) => ({ code: 0, ...out }),
    (error: Ran) => error,
  );
}
async function succeeded(command: string, args: readonly string[], cwd = folder): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, cwd);
  expect([code, code === 0 ? "" : `${stdout}${stderr}`]).toEqual([0, ""]);
  return stdout;
}
/** The command `errand`, as `npx errand` finds it: without a search in a registry. */
const errand = (...args: readonly string[]) => run(join(folder, "node_modules/.bin/errand"), args);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "errand-package-"));
  project = join(folder, "shop");
  await mkdir(join(folder, "packed"));
  await succeeded("npm", ["pack", "--silent", "--pack-destination", join(folder, "packed")], ROOT);
  await writeFile(join(folder, "package.json"), "{}");
  const tarballs = (await readdir(join(folder, "packed"))).map((name) => join(folder, "packed", name));
  await succeeded("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...tarballs]);
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("npm pack", () => {
  test("makes two tarballs; the client's needs zod and nothing else", async () => {
    expect((await readdir(join(folder, "packed"))).sort()).toEqual(["errand-0.1.0.tgz", "errand-client-0.1.0.tgz"]);
    const manifest = async (name: string) =>
      JSON.parse(await readFile(join(folder, "node_modules", name, "package.json"), "utf8"));
    expect(Object.keys((await manifest("errand-client")).dependencies)).toEqual(["zod"]);
    const { dependencies, optionalDependencies, devDependencies } = await manifest("errand");
    expect(Object.keys(dependencies)).not.toContain("vader-sentiment");
    expect([optionalDependencies, devDependencies]).toEqual([undefined, undefined]);
    expect(existsSync(join(folder, "node_modules/errand/dist/examples"))).toBe(false);
  });

  test("exports types that a strict compiler takes, with the libraries checked", LIMIT, async () => {
    const typed = `import { createErrand, defineAgent, defineExecution, defineTool, PerTenant, service, StepError } from "errand";
import { createClient } from "errand/client";
import { createClient as same } from "errand-client";
import * as z from "zod";
interface Stock { left(item: string): Promise<number> }
const look = defineTool({
  name: "look", description: "Looks.", input: z.object({ item: z.string() }), services: { stock: service<Stock>() },
  run: ({ item }, { services }) => services.stock.left(item),
});
const shop = defineAgent({ id: "shop", description: "Sells.", version: "1" }).skill(
  "sell", { input: z.object({ item: z.string() }), output: z.object({ left: z.number() }), services: { stock: service<Stock>() } },
  async ({ item }, ctx) => ({ left: await ctx.effect("left", { item }, { idempotent: true }, () => ctx.services.stock.left(item)) }),
);
const count = defineExecution({
  key: "count", agent: shop, name: "Count", description: "", input: z.object({}), tools: [look],
  execute: ({ conversation }) => conversation.ask("Count."),
});
interface Env { readonly STOCK_URL: string }
const errand = createErrand<Env>({
  agents: [shop], executions: [count],
  services: (env) => ({ stock: new PerTenant((tenant) => ({ left: async () => env.STOCK_URL.length + tenant.length })) }),
});
export default errand.worker;
export const { ExecutionActor, IntakeActor, LimiterActor, MemoryActor, NodeDirectoryActor, ProjectorActor, ScheduleActor } = errand.actors;
// @ts-expect-error: an agent is no execution
createErrand({ executions: [shop] });
// @ts-expect-error: no such option
createErrand({ definitions: [] });
export const clients = [createClient({ baseUrl: "" }), same({ baseUrl: "" })];
export const isStep = (error: unknown) => error instanceof StepError && error.code === "timeout";
`;
    await writeFile(join(folder, "typed.ts"), typed);
    const flags =
      "--ignoreConfig --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --noEmit --target es2024 --lib es2024,esnext.disposable --module esnext --moduleResolution bundler --types";
    const types = join(ROOT, "node_modules/@cloudflare/workers-types");
    await mkdir(join(folder, "node_modules/@cloudflare"), { recursive: true });
    await succeeded("cp", ["-r", types, join(folder, "node_modules/@cloudflare/")]);
    await succeeded(join(ROOT, "node_modules/.bin/tsc"), [
      ...flags.split(" "),
      "@cloudflare/workers-types",
      "typed.ts",
    ]);
  });

  test("runs in Node as far as definitions go", LIMIT, async () => {
    const lines = `import { createErrand, defineAgent } from "errand";
import { createClient } from "errand/client";
import { createPollingAgent } from "errand/agent";
console.log(defineAgent({ id: "a", description: "", version: "1" }).id, typeof createClient, typeof createPollingAgent);
try { createErrand({}); } catch (error) { console.log(error.message); }`;
    await writeFile(join(folder, "lines.mjs"), lines);
    expect(await succeeded(process.execPath, ["lines.mjs"])).toMatch(
      /^a function function\ncreateErrand makes a Worker/,
    );
  });
});

/** Against the examples of this repository. */
const CLIENT_LINES = `import { createClient } from "errand/client";

const errand = createClient({ baseUrl: process.env.ERRAND_URL });
const { result } = await errand.execute("support-agent.analyze_sentiment", {
  message: "This is the third time I am calling!",
});
console.log("feels", result.sentiment);

const { execution_id: id } = await errand.executeAsync("catalog.audit", { chunk_size: 500, pace_ms: 10 });
for await (const frame of errand.stream(id)) {
  if (frame.type === "event") console.log(frame.event.seq, frame.event.type);
}

const claim = await errand.execute("approvals.demo", { claim: "claim-7", amount: 120 });
if (claim.waiting_for) {
  // What was shown is what is decided: its id and its digest go back with the decision.
  const { approval_request_id, payload_digest } = claim.waiting_for;
  await errand.approve(claim.execution_id, { decision: "approved", approval_request_id, payload_digest });
}
const decided = await errand.wait(claim.execution_id);
console.log("claim", decided.result.decision);
`;
const CLIENT_TYPES = `import { createClient, ProblemError, type Execution } from "errand/client";
import { createPollingAgent, fileStore } from "errand/agent";
import * as z from "zod";
export const agent = createPollingAgent({
  url: "http://localhost:8787",
  id: "larry",
  store: fileStore("./agent.json"),
  actions: { greet: { input: z.object({ name: z.string() }), run: async ({ name }, { idempotencyKey }) => ({ said: name.trim(), idempotencyKey }) } },
});
interface Mine { "clock.remind": { input: { message: string; seconds: number }; output: { message: string } } }
const errand = createClient<Mine>({ baseUrl: "http://localhost:8787" });
export const done: Promise<Execution<{ message: string }>> = errand.execute("clock.remind", { message: "tea", seconds: 1 });
// @ts-expect-error: no such target
void errand.execute("clock.remember", {});
export const events: AsyncGenerator<{ seq: number; type: string }> = errand.events("exec_1");
export const codeOf = (error: unknown) => (error instanceof ProblemError ? error.code : undefined);
`;

describe("errand/client", () => {
  test("runs in plain Node without a bundler, and has its types in Node's own resolution", LIMIT, async () => {
    const server = await startServer({ stateDir: join(folder, "examples") });
    try {
      await writeFile(
        join(folder, "client.mjs"),
        CLIENT_LINES.replace("process.env.ERRAND_URL", JSON.stringify(server.url)),
      );
      const lines = (await succeeded(process.execPath, ["client.mjs"])).trim().split("\n");
      expect([lines[0], lines[1], lines.at(-1)]).toEqual(["feels frustrated", "1 execution.created", "claim approved"]);
      expect(lines.at(-2)).toMatch(/^\d+ execution\.succeeded$/);
    } finally {
      await server.kill("SIGKILL");
    }
    await writeFile(join(folder, "client.ts"), CLIENT_TYPES);
    const flags =
      "--ignoreConfig --strict --noEmit --target es2022 --module nodenext --lib es2022,dom,dom.asynciterable --types";
    await succeeded(join(ROOT, "node_modules/.bin/tsc"), [...flags.split(" "), "", "client.ts"]);
  });
});

describe("errand", () => {
  test.each([
    [["--help"], 0, "Usage: errand COMMAND"],
    [[], 0, "Usage: errand COMMAND"],
    [["--version"], 0, "0.1.0"],
    [["executions", "list", "--help"], 0, "Usage: errand executions list"],
    [["init", "--help"], 0, "errand init NAME"],
    [["dev", "--help"], 0, "errand dev"],
    [["deploy"], 2, "error: Unknown command 'deploy'"],
    [["executions", "list", "--url", "http://127.0.0.1:9"], 5, "http://127.0.0.1:9 does not answer."],
    [["init"], 2, "errand init needs a name for the folder"],
    [["init", "a-b", "c"], 2, 'errand init takes one name, and "c" is a second one.'],
    [["init", "a-b", "--force"], 2, "--force is no flag of errand init."],
    [["init", "No Name"], 2, '"No Name" is no name for a Worker'],
    [["init", "packed"], 2, "packed is not empty: it holds errand-0.1.0.tgz."],
    [["init", "package.json"], 2, '"package.json" is no name for a Worker'],
    [["dev", "--prot", "1"], 2, "--prot is no flag. Did you mean --port?"],
  ] as const)("%j", async (args, code, says) => {
    const before = await readdir(folder);
    const ran = await errand(...args);
    expect([ran.code, code === 0 ? ran.stdout : ran.stderr]).toEqual([code, expect.stringContaining(says)]);
    if (code !== 0) expect(ran.stderr).not.toContain("    at ");
    expect(await readdir(folder)).toEqual(before);
  });

  test("dev in a folder without a Worker says so", async () => {
    const launcher = join(folder, "node_modules/errand/dist/cli/errand.js");
    const refused = await startRefused({ stateDir: join(folder, "none"), launcher, args: ["dev"], cwd: folder });
    expect([refused.code, refused.output]).toEqual([2, expect.stringContaining("npx errand init")]);
  });
});

describe("a new project", () => {
  const launcher = () => join(project, "node_modules/errand/dist/cli/errand.js");

  test("is made and installed, and asks for nothing", LIMIT, async () => {
    const { code, stdout, stderr } = await errand("init", "shop");
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    expect(stdout).toContain("cd shop");
    expect((await readFile(join(project, "README.md"), "utf8")).trim().split("\n").length).toBeLessThanOrEqual(12);
    // Its own package, and not the one of the folder above.
    expect(existsSync(launcher())).toBe(true);
    expect((await readdir(folder)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("has types, with the libraries checked", LIMIT, async () => {
    await succeeded("npm", ["run", "types", "--silent", "--", "--skipLibCheck", "false"], project);
  });

  test(
    "serves; an execution outlives SIGKILL of everything; a change of a source is served, and executions go on",
    LIMIT,
    async () => {
      const stateDir = join(folder, "state");
      const server = await startServer({
        stateDir,
        launcher: launcher(),
        args: ["dev"],
        cwd: project,
        watch: true,
        env: { ERRAND_HEARTBEAT_MS: "1000" },
      });
      const source = join(project, "src/agents/shop.ts");
      const whole = await readFile(source, "utf8");
      try {
        const call = async (path: string, input?: object) => {
          const init = input ? { method: "POST", body: JSON.stringify({ input }) } : {};
          return (await (await fetch(`${server.url}/api/v1${path}`, init)).json()) as Record<string, string>;
        };
        expect(await call("/execute/shop.quote", { item: "tea" })).toMatchObject({
          ...{ status: "succeeded", result: { item: "tea", cents: 300 } },
        });
        const { execution_id: id } = await call("/execute/async/shop.quote", { item: "tea", wait_seconds: 3 });
        await server.restart();
        const ended = async (which: unknown) => await call(`/executions/${which}`);
        await expect.poll(() => ended(id)).toMatchObject({ status: "succeeded", result: { item: "tea", cents: 300 } });

        // One that sleeps over the change.
        const { execution_id: asleep } = await call("/execute/async/shop.quote", { item: "tea", wait_seconds: 5 });
        await writeFile(source, `${whole.replaceAll("300", "400")}\n`);
        await expect.poll(() => server.output()).toContain("src/agents/shop.ts has changed: building");
        await expect.poll(() => server.output()).toContain("begun again in");
        expect(await call("/execute/shop.quote", { item: "tea" })).toMatchObject({ result: { cents: 400 } });
        await expect
          .poll(() => ended(asleep))
          .toMatchObject({ status: "succeeded", result: { item: "tea" }, recoveries: 0 });

        // What does not build is told with its place, and served on as it was.
        await writeFile(source, `${whole}\nexport const broken = ;\n`);
        await expect.poll(() => server.output()).toContain("The server goes on with what it had");
        expect(server.output()).toMatch(/src\/agents\/shop\.ts:\d+:\d+/);
        expect(await call("/execute/shop.quote", { item: "tea" })).toMatchObject({ result: { cents: 400 } });

        // A module that throws when it is loaded: its words and its line, and nothing of what workerd concludes.
        await writeFile(source, `${whole}\nthrow new RangeError("no kettle");\n`);
        await expect.poll(() => server.output()).toContain("Nothing is served until that is mended");
        expect(server.output()).toContain("because one of its modules throws: RangeError: no kettle");
        expect(server.output()).toMatch(/at src\/agents\/shop\.ts:\d+:\d+\n +> \d+ \| throw new RangeError/);
        expect(server.output()).not.toMatch(/DurableObjectNamespace|context_depth|worker\.js:/);

        // A program's own error, in the terminal: its words, its effect, and where it was thrown.
        const throwing = 'run: () => { throw new RangeError("no tea is left"); },';
        await writeFile(source, whole.replace(/run: \(\{ item \}\) => .*/, throwing));
        const lives = () => server.output().split("begun again in").length - 1;
        await expect.poll(lives).toBeGreaterThan(1);
        await call("/execute/async/shop.quote", { item: "tea" });
        await expect.poll(() => server.output()).toContain("no tea is left");
        const line = server
          .output()
          .split("\n")
          .find((one) => one.includes("no tea is left"));
        expect(line).toContain("look_up_price");
        expect(line).toMatch(/src\/agents\/shop\.ts:\d+:\d+/);
      } finally {
        await writeFile(source, whole);
        await server.kill("SIGKILL");
      }
    },
  );

  test("runs the agents that came with it, the linter included, and one that begins as theirs", LIMIT, async () => {
    const server = await startServer({
      stateDir: join(folder, "api"),
      launcher: launcher(),
      args: ["dev"],
      cwd: project,
    });
    const inProject = (...args: readonly string[]) =>
      succeeded(join(project, "node_modules/.bin/errand"), [...args, "--url", server.url], project);
    const runOf = async (...args: readonly string[]) => {
      const { ok, details } = JSON.parse(await inProject("run", ...args, "--json"));
      const results: { skill: string; status: string; output: object }[] = details.execution_results;
      return {
        ok,
        done: results.map(({ skill, status }) => `${skill} ${status}`),
        outputs: results.map((one) => one.output),
      };
    };
    const all = ["api.define success", "api.validate success", "api.generate-models success"];
    try {
      const task = "Design a REST API for user management";
      const designed = await runOf("api.designer", task);
      expect([designed.ok, designed.done]).toEqual([true, all]);
      expect(designed.outputs[1]).toMatchObject({ valid: true, errors: 0 });
      expect(await runOf("api.generator", task)).toMatchObject({ ok: true, done: all });
      await writeFile(join(project, "api.yaml"), Object(designed.outputs[0]).document);
      const analyzed = await runOf("api.analyzer", "Analyze this API", "--file", "api.yaml");
      expect(analyzed.done).toContain("api.validate success");

      await inProject("agents", "new", "api.writer", "--from", "api.designer", "--mode", "oneshot");
      expect(await readFile(join(project, "agents/api.writer/agent.yaml"), "utf8")).toContain(
        "  - api.generate-models\n",
      );
      expect(await runOf("api.writer", task)).toMatchObject({ ok: true, done: all });
      expect(
        (await readdir(join(project, "agent_logs"))).filter((name) => name.endsWith("_latest.json")).sort(),
      ).toEqual(["api.analyzer", "api.designer", "api.generator", "api.writer"].map((name) => `${name}_latest.json`));
    } finally {
      await server.kill("SIGKILL");
    }
  });

  test("hears which classes and bindings its wrangler file lacks, with the lines to paste", LIMIT, async () => {
    const file = join(project, "wrangler.toml");
    const whole = await readFile(file, "utf8");
    const objects = /\[\[durable_objects\.bindings\]\]\nname = "PROJECTORS"\nclass_name = "ProjectorActor"\n/;
    const files = /\[\[r2_buckets\]\][\s\S]*$/;
    await writeFile(file, whole.replace(objects, "").replace(files, ""));
    try {
      const refused = await startRefused({
        stateDir: join(folder, "lacks"),
        launcher: launcher(),
        args: ["dev"],
        cwd: project,
      });
      expect(refused.code).toBe(1);
      expect(refused.output).toMatch(/has no binding PROJECTORS, .*; it has no binding FILES, .* Add:\n/);
      expect(refused.output).toMatch(objects);
      expect(refused.output).toContain('[[r2_buckets]]\nbinding = "FILES"');
    } finally {
      await writeFile(file, whole);
    }
  });

  test("passes its test", LIMIT, async () => {
    expect(await succeeded("npm", ["test", "--silent"], project)).toMatch(/1 passed/);
  });

  test("is ready to be deployed", LIMIT, async () => {
    const said = await succeeded(
      "npx",
      ["wrangler", "deploy", "--dry-run", "--outdir", join(folder, "bundle")],
      project,
    );
    expect(said).toContain("EXECUTIONS (ExecutionActor)");
  });
});
