/**
 * One server of the bench in a process group of its own: the same `serve` as `npm start`, another bundle. Its parent
 * asks by message; when the parent is gone, so is it.
 */
import { migrateAll } from "../../src/dev-server/migrate.ts";
import { serve } from "../../src/dev-server/server.ts";
import { workerConfig } from "../support/processes/worker-config.ts";

export interface HostOptions {
  /** Folder of the wrangler.toml. */
  readonly root: string;
  readonly bundle: string;
  readonly stateDir: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Throws these objects out of memory now, as the platform does with idle ones. */
export interface Evict {
  readonly className: string;
  readonly ids: readonly string[];
}

const options = JSON.parse(process.argv[2] ?? "null") as HostOptions;
const config = await workerConfig(options.root);
if (config.databases.length > 0) await migrateAll({ config, stateDir: options.stateDir });
const { miniflare, url } = await serve({
  config,
  bundle: options.bundle,
  port: 0,
  stateDir: options.stateDir,
  bindings: options.variables,
  onRuntimeRestart: () => process.exit(1),
});

process.on("message", (wanted: Evict) => {
  void evict(wanted).then(
    () => process.send?.({ evicted: wanted.ids.length }),
    (error) => process.send?.({ failed: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ url: url.origin });

async function evict({ className, ids }: Evict): Promise<void> {
  const left = [...ids];
  const worker = async () => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      await miniflare.unsafeEvictDurableObject(config.name, className, { id });
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
