/** A program that never gives control back is named by the launcher, and the server becomes ready without it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { migrateAll } from "../../src/dev-server/migrate.ts";
import { endRuntime, serveWithoutStuck } from "../../src/dev-server/serve-without-stuck.ts";
import { serve } from "../../src/dev-server/server.ts";
import { bundle } from "../bench/build.ts";
import { workerConfig } from "../support/processes/worker-config.ts";

/** What the Worker does at its start, in a word: the alarm of a stuck execution runs its program again, unless it is held back. */
const WORKER = `
const spin = () => { for (;;); };
export default {
  async fetch(request, env) {
    const held = env.ERRAND_HELD.split(" ");
    for (const id of ["exec_calm", "exec_stuck", "exec_other"]) {
      if (held.includes(id)) continue;
      console.log("errand:program begins " + id + " demo." + id.slice(5));
      if (id !== "exec_calm") spin();
      console.log("errand:program rests " + id + " demo." + id.slice(5));
    }
    return new Response("well");
  },
};`;

const ROOT = resolve(import.meta.dirname, "../..");

/** An agent of a user, whose program works for ever in its first deployment and computes for ever in its second. */
const DEFINITIONS = `
import * as z from "zod";
import { defineAgent, service } from "${ROOT}/src/define/index.ts";
const services = { computes: service<boolean>() };
export const examples = {
  services: (env) => ({ computes: env.COMPUTES === "yes" }),
  agents: [
    defineAgent({ id: "shop", description: "Sells tea.", version: "1" })
      .skill("count", { input: z.object({}), output: z.number(), services }, async (_input, ctx) => {
        const first = await ctx.step("first", () => 1);
        for (let page = 0; ctx.services.computes; page += 1);
        return ctx.step("second", () => new Promise(() => first));
      })
      .skill("greet", { input: z.object({}), output: z.string() }, async () => "hello"),
  ],
};`;

let folder: string;
beforeEach(() => {
  // Below the repository: the runtime takes no module from above it.
  const dist = resolve(import.meta.dirname, "../../dist");
  mkdirSync(dist, { recursive: true });
  folder = mkdtempSync(join(dist, "stuck-"));
  mkdirSync(join(folder, "state"));
  writeFileSync(join(folder, "worker.js"), WORKER);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

test("each of two such programs is named, and the third start is ready", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  const config = {
    root: folder,
    name: "stuck",
    rules: [],
    customBuild: false,
    options: { compatibilityDate: "2026-11-02" },
    variables: {},
    databases: [],
    crons: [],
  };
  const answers: string[] = [];
  const { miniflare } = await serveWithoutStuck(
    {
      config,
      bundle: join(folder, "worker.js"),
      port: 0,
      stateDir: join(folder, "state"),
      bindings: {},
      neverRestsMs: 4_000,
    },
    async ({ url }) => {
      answers.push(await (await fetch(url)).text());
    },
  );
  await miniflare.dispose();
  const lines = said.mock.calls.map(([line]) => String(line)).filter((line) => line.startsWith("Execution "));
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^Execution exec_stuck of demo\.stuck never rests: .* It is blocked \(never_rests\)/);
  expect(lines[1]).toContain("exec_other of demo.other");
  expect(answers).toEqual(["well"]);
});

test("a program of a user that computes for ever is blocked, and the others run", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  const definitions = join(folder, "examples.ts");
  writeFileSync(definitions, DEFINITIONS);
  const [config, stateDir] = [await workerConfig(ROOT), join(folder, "state")];
  const built = await bundle("errand", folder, definitions);
  await migrateAll({ config, stateDir });
  const options = { config, bundle: built, port: 0, stateDir, neverRestsMs: 4_000 };

  const asked = { method: "POST", headers: { "content-type": "application/json" }, body: '{"input": {}}' };
  const first = await serve({ ...options, bindings: { AUTH_MODE: "open" } });
  const started = await fetch(new URL("/api/v1/execute/async/shop.count", first.url), asked);
  const { execution_id: id } = (await started.json()) as { execution_id: string };
  const viewAt = async (url: URL) =>
    (await (await fetch(new URL(`/api/v1/executions/${id}`, url))).json()) as Record<string, unknown>;
  await vi.waitUntil(async () => (await viewAt(first.url)).status === "running", { timeout: 60_000, interval: 200 });
  await endRuntime(first.miniflare);

  const views: Record<string, unknown>[] = [];
  const bindings = { AUTH_MODE: "open", COMPUTES: "yes" };
  const { miniflare, url } = await serveWithoutStuck({ ...options, bindings }, async ({ url }) => {
    // A look at it loads its object, which takes up what was interrupted: at once, and not with its next alarm.
    const blocked = async () => {
      const view = await viewAt(url);
      if (view.status === "blocked") views.push(view);
      return view.status === "blocked";
    };
    await vi.waitUntil(blocked, { timeout: 120_000, interval: 200 });
  });
  try {
    const lines = said.mock.calls.map(([line]) => String(line)).filter((line) => line.startsWith("Execution "));
    expect(lines).toEqual([expect.stringMatching(`^Execution ${id} of shop.count never rests: `)]);
    expect(views.at(-1)).toMatchObject({ status: "blocked", status_reason: expect.stringMatching(/^never_rests/) });
    const other = await (await fetch(new URL("/api/v1/execute/shop.greet", url), asked)).json();
    expect(other).toMatchObject({ status: "succeeded", result: "hello" });
  } finally {
    await endRuntime(miniflare);
  }
});
