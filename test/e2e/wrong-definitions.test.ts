/**
 * A list of definitions that cannot be served with: the sentence that names what is wrong is what `npm start` ends with, what
 * a deployed Worker answers to each request, and what its log has.
 */
import { randomBytes } from "node:crypto";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../src/contract/endpoints.ts";
import { serve } from "../../src/dev-server/server.ts";
import { bundle } from "../bench/build.ts";
import type { WrongList } from "../support/definitions/wrong-lists.ts";
import { WRONG_LISTS } from "../support/definitions/wrong-lists.ts";
import { startRefused } from "../support/processes/server.ts";
import { workerConfig } from "../support/processes/worker-config.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ROWS = Object.values(ENDPOINTS) as readonly Endpoint[];
const listed = WRONG_LISTS.map((list) => [list.what, list] as const);

const saidBy = ({ says }: WrongList): readonly string[] => (typeof says === "string" ? [says] : says);

afterEach(() => vi.restoreAllMocks());

describe("a deployed Worker", () => {
  // Below the repository: there the packages are found.
  const built = join(ROOT, "dist", `wrong-${randomBytes(6).toString("hex")}`);
  afterAll(() => rm(built, { recursive: true, force: true }));

  async function deployed({ what, textFrom }: WrongList): Promise<Awaited<ReturnType<typeof serve>>> {
    const place = join(built, what.replaceAll(" ", "-"));
    await mkdir(place, { recursive: true });
    const definitions = join(place, "examples.ts");
    await writeFile(definitions, textFrom(join(ROOT, "src")));
    return serve({
      config: await workerConfig(ROOT),
      bundle: await bundle("errand", place, definitions),
      ...{ port: 0, stateDir: join(place, "state"), bindings: {} },
    });
  }

  test.each(listed)("with %s says so in each answer and in its log", async (_what, list) => {
    const lines = vi.spyOn(console, "error").mockImplementation(() => {});
    const { miniflare, url } = await deployed(list);
    try {
      for (const { method, path } of [...ROWS, { method: "GET", path: "/nothing" }]) {
        const answer = await fetch(`${url.origin}${path.replaceAll(/[{}]/g, "")}`, { method });
        const body = (await answer.json()) as Record<string, unknown>;
        expect([path, answer.status, answer.headers.get("content-type"), body.code]).toEqual([
          ...[path, 503, "application/problem+json", "misconfigured"],
        ]);
        for (const said of saidBy(list)) expect(body.detail).toContain(said);
      }
      // A line is JSON.
      const printed = lines.mock.calls.flat().map(String).join("\n");
      for (const said of saidBy(list)) expect(printed).toContain(JSON.stringify(said).slice(1, -1));
    } finally {
      await miniflare.dispose();
    }
  });
});

describe("npm start", () => {
  const pick = (what: string) => listed.filter(([name]) => name === what);
  let copy: string;

  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), "errand-wrong-"));
    await cp(join(ROOT, "src"), join(copy, "src"), { recursive: true });
    for (const name of ["package.json", "package-lock.json", "tsconfig.json", "wrangler.toml", "migrations"])
      await cp(join(ROOT, name), join(copy, name), { recursive: true });
    await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
  });
  afterAll(() => rm(copy, { recursive: true, force: true }));

  test.each([...pick("one key twice"), ...pick("a default that throws"), ...pick("many faults at once")])(
    "with %s ends with the sentence",
    async (what, list) => {
      await writeFile(join(copy, "src/examples/examples.ts"), list.textFrom(".."));
      const refused = await startRefused({
        stateDir: join(copy, "state", what.replaceAll(" ", "-")),
        launcher: join(copy, "src/dev-server/start.ts"),
      });
      expect(refused.code).toBe(1);
      for (const said of saidBy(list)) expect(refused.output).toContain(said);
      expect(refused.output.trimEnd().split("\n").at(-1)).toContain(saidBy(list).at(-1));
      expect(refused.output).not.toMatch(/reading 'log'|at .*worker\.js/);
    },
  );
});
