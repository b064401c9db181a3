import { join } from "node:path";
import { buildFolder } from "../../../src/dev-server/build/build.ts";
import type { WorkerConfig } from "../../../src/dev-server/worker-config.ts";
import { readWorkerConfig } from "../../../src/dev-server/worker-config.ts";

/** The configuration of the wrangler.toml in a folder, as the launcher reads it. */
export async function workerConfig(root: string): Promise<WorkerConfig> {
  const read = await readWorkerConfig(join(root, "wrangler.toml"), buildFolder(root));
  if ("refused" in read) throw new Error(read.refused);
  return read.config;
}
