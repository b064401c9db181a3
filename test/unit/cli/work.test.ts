import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

const ERRAND = join(import.meta.dirname, "../../../src/cli/errand.ts");

/** A port where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

it("errand work that is told to end while no server answers ends with 0, and reports no defect", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "errand-work-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const url = `http://127.0.0.1:${await closedPort()}`;
  const args = [ERRAND, "work", "larry", "--action", "greet", "--url", url, "--", "true"];
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  await expect.poll(() => said, { timeout: 20_000 }).toContain("is asked until it does");
  child.kill("SIGTERM");
  const [code] = await once(child, "close");
  expect([code, said.includes("defect")]).toEqual([0, false]);
});
