/**
 * The arrow table of the architecture: a folder of `src` → what it may import. Nothing else may.
 * A new package or arrow is added here, in the architecture's table and, with its reason, in docs/decisions/.
 */
export interface Arrows {
  /** Folders of `src`, or a single module of one ("engine/model-port"). */
  readonly folders: readonly string[];
  /** npm packages and platform modules by name; sub-paths are included. "node:*" is any builtin of Node. */
  readonly packages: readonly string[];
}

export const ARROWS: Readonly<Record<string, Arrows>> = {
  domain: { folders: [], packages: ["zod", "jsonc-parser", "fastest-levenshtein", "croner", "yaml"] },
  contract: { folders: ["domain"], packages: ["zod"] },
  define: { folders: ["domain"], packages: ["zod", "node:crypto"] },
  engine: { folders: ["domain", "define"], packages: ["zod"] },
  models: { folders: ["domain", "engine/model-port"], packages: ["zod", "@anthropic-ai/sdk", "eventsource-parser"] },
  registry: { folders: ["domain"], packages: ["zod", "drizzle-orm"] },
  vault: { folders: ["domain"], packages: ["zod", "node:crypto"] },
  /** What leaves for addresses that callers named. */
  outbound: { folders: ["domain"], packages: ["zod", "ipaddr.js"] },
  operations: { folders: ["domain", "contract", "define"], packages: ["zod"] },
  actors: {
    folders: ["domain", "contract", "define", "engine", "models", "registry", "vault", "operations"],
    packages: ["zod", "cloudflare:workers", "cloudflare:sockets", "node:async_hooks"],
  },
  compose: {
    folders: [
      "domain",
      "contract",
      "define",
      "engine",
      "models",
      "registry",
      "vault",
      "outbound",
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
    packages: [
      "zod",
      "react",
      "react-dom",
      "wouter",
      "@tanstack/react-virtual",
      "react-json-view-lite",
      "@fontsource-variable/inter",
      "node:path",
      "vite",
    ],
  },
  cli: {
    folders: [
      "contract",
      "client",
      "agent",
      "scaffold",
      "dev-server/command",
      "dev-server/node-version.js",
      "domain/read-models/waterfall",
      "domain/values/field-errors",
      "domain/values/json",
    ],
    packages: ["node:*", "zod", "yaml", "commander", "@bomb.sh/tab"],
  },
  /** `errand init`. */
  scaffold: { folders: ["dev-server/node-version.js"], packages: ["node:*"] },
  /** `npm pack`. */
  packing: { folders: [], packages: ["node:*", "vite", "esbuild"] },
  /** The package `errand/agent`. */
  agent: { folders: ["domain", "contract", "client"], packages: ["zod", "node:fs", "node:path"] },
  library: {
    folders: [
      "domain",
      "contract",
      "define",
      "engine",
      "models",
      "registry",
      "vault",
      "outbound",
      "operations",
      "actors",
      "docs",
      "http",
      "compose",
    ],
    packages: ["zod", "cloudflare:workers"],
  },
  /** Agents that come with the package, of what users write; the linter runs in Node beside the server. */
  bundled: {
    folders: ["define/index"],
    packages: ["zod", "yaml", "@redocly/openapi-core", "node:events", "node:http"],
  },
  /** Only what a user of the package has; Node's for what runs beside the Worker on a laptop. */
  examples: {
    folders: ["define/index", "library/index", "agent/index", "bundled/api/agents", "bundled/api/dev"],
    packages: [
      "zod",
      "vader-sentiment",
      "node:events",
      "node:http",
      // Larry, who runs in Node beside the server.
      "node:crypto",
      "node:fs",
      "node:net",
      "node:stream",
      "node:path",
      "nodemailer",
      "postal-mime",
      "csv-parse",
      "csv-stringify",
      "ical-generator",
    ],
  },
  "dev-server": { folders: ["domain/values/nearest", "models/usual"], packages: ["node:*", "miniflare", "wrangler"] },
};

/** The Worker of this repository composes the examples as a user composes agents of their own: with the package alone. */
export const WORKER: Arrows = { folders: ["examples", "library/index"], packages: [] };

/** The spine of ARCHITECTURE.md. */
export const READING_PATH = [
  "src/http/executions/executions.ts",
  "src/operations/executions/executions.ts",
  "src/actors/platform/execution-client.ts",
  "src/actors/execution-actor.ts",
  "src/engine/execution/durable-execution.ts",
  "src/engine/journal/journal.ts",
  "src/domain/decide/decide.ts",
  "src/engine/run-loop/run-loop.ts",
  "src/registry/projection/projection.ts",
  "src/actors/executions/live-feed.ts",
];
