/** The migrations are what the schema says: drizzle-kit, asked again, has nothing to add. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const KIT = resolve(ROOT, "node_modules/drizzle-kit/bin.cjs");
const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "errand-migrations-"));
  await cp(resolve(ROOT, "migrations"), folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function contents(): Promise<Record<string, string>> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [relative(folder, path), await readFile(path, "utf8")] as const)),
  );
}

function generate(): Promise<{ stdout: string }> {
  // The kit takes folders from where it stands.
  const out = relative(ROOT, folder);
  const parameters = ["generate", "--dialect", "sqlite", "--schema", "./src/registry/schema/schema.ts", "--out", out];
  return run(process.execPath, [KIT, ...parameters], { cwd: ROOT, timeout: 60_000 });
}

test("generating migrations again changes nothing", async () => {
  const before = await contents();
  expect(Object.keys(before)).toContain("0000_registry.sql");
  const { stdout } = await generate();
  expect(stdout).toContain("No schema changes");
  expect(await contents()).toEqual(before);
});

test("migrations that are missing would be generated", async () => {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
  await generate();
  expect(Object.keys(await contents())).toHaveLength(3);
});
