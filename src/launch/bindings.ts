import { dirname, join } from "node:path";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";

/** The part of wrangler's configuration that the launcher reads itself; wrangler's own type for it is `any`. */
interface Config {
  readonly name: string;
  readonly configPath: string;
  readonly d1_databases: readonly { readonly binding: string; readonly migrations_dir?: string }[];
  readonly vars: Readonly<Record<string, string>>;
  readonly triggers: { readonly crons?: readonly string[] };
}

export interface WorkerConfig {
  readonly name: string;
  /** What Miniflare needs to know about bindings, classes, assets and compatibility, as wrangler words it. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly databases: readonly { readonly binding: string; readonly migrations: string }[];
  readonly crons: readonly string[];
}

/** wrangler.toml, read by wrangler's own reader: no binding is written twice. */
export function readWorkerConfig(root: string): WorkerConfig {
  const read = unstable_readConfig({ config: join(root, "wrangler.toml") });
  const config: Config = read;
  // Module rules speak of sources; what is served is the finished bundle.
  const { modulesRules: _, ...options } = unstable_getMiniflareWorkerOptions(read).workerOptions;
  return {
    name: config.name,
    options,
    variables: config.vars,
    databases: config.d1_databases.map(({ binding, migrations_dir = "migrations" }) => ({
      binding,
      migrations: join(dirname(config.configPath), migrations_dir),
    })),
    crons: config.triggers.crons ?? [],
  };
}
