/**
 * The arrow table of the architecture: a folder of `src` → what it may import. Nothing else may.
 * A new package or arrow is added here, in the architecture's table and, with its reason, in DECISIONS.md.
 */
export interface Arrows {
  /** Folders of `src`, or a single module of one ("engine/ports"). */
  readonly folders: readonly string[];
  /** npm packages and platform modules by name; sub-paths are included. "node:*" is any builtin of Node. */
  readonly packages: readonly string[];
}

export const ARROWS: Readonly<Record<string, Arrows>> = {
  domain: { folders: [], packages: ["zod", "jsonc-parser"] },
  contract: { folders: ["domain"], packages: ["zod"] },
  define: { folders: ["domain"], packages: ["zod"] },
  engine: { folders: ["domain", "define"], packages: ["zod"] },
  models: { folders: ["domain", "engine/ports"], packages: ["zod", "@anthropic-ai/sdk", "eventsource-parser"] },
  registry: { folders: ["domain"], packages: ["zod", "drizzle-orm"] },
  outbound: { folders: ["domain"], packages: ["zod"] },
  vault: { folders: ["domain"], packages: ["zod", "node:crypto"] },
  operations: { folders: ["domain", "contract", "define"], packages: ["zod"] },
  actors: {
    folders: ["domain", "contract", "define", "engine", "models", "registry", "outbound", "vault", "operations"],
    packages: ["zod", "cloudflare:workers", "node:async_hooks"],
  },
  compose: {
    folders: [
      "domain",
      "contract",
      "define",
      "engine",
      "models",
      "registry",
      "outbound",
      "vault",
      "operations",
      "actors",
      "docs",
      "http",
    ],
    packages: ["zod"],
  },
  docs: { folders: ["domain", "contract"], packages: ["zod"] },
  http: {
    folders: ["domain", "contract", "docs", "operations"],
    packages: ["zod", "hono", "@remix-run/multipart-parser"],
  },
  protocols: { folders: ["domain", "contract", "operations"], packages: ["zod", "hono"] },
  client: { folders: ["domain", "contract"], packages: ["zod", "eventsource-parser"] },
  dashboard: {
    folders: ["domain", "contract", "client"],
    packages: ["zod", "react", "react-dom", "@xyflow/react"],
  },
  cli: { folders: ["contract", "client"], packages: ["node:*"] },
  "polling-agents": { folders: ["client"], packages: ["node:*"] },
  definitions: { folders: ["define"], packages: ["zod", "vader-sentiment"] },
  "dev-server": { folders: ["models/usual"], packages: ["node:*", "miniflare", "wrangler"] },
};

/** The only composition root: it may import every folder, and of packages only these. */
export const WORKER_PACKAGES = ["cloudflare:workers", "zod"];

/** The spine of ARCHITECTURE.md. */
export const READING_PATH = [
  "src/http/executions.ts",
  "src/operations/executions.ts",
  "src/actors/platform/execution-client.ts",
  "src/actors/execution-actor.ts",
  "src/engine/durable-execution.ts",
  "src/engine/journal.ts",
  "src/domain/decide/decide.ts",
  "src/engine/run-loop.ts",
  "src/registry/projection.ts",
  "src/actors/parts/live-feed.ts",
];
