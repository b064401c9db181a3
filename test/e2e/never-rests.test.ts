/** A program that never gives control back is named by the launcher, and the server becomes ready without it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { serveWithoutStuck } from "../../src/dev-server/serve-without-stuck.ts";

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
