/** The files of a new project by their paths. Texts only: `init.ts` writes them. */

export interface Project {
  /** Of the package and of the Worker. */
  readonly name: string;
  /** Where npm finds the package: a version, or a tarball in the project. */
  readonly errand: string;
  /** Versions of the tools, exact: those that this package was tested with. */
  readonly versions: Readonly<Record<string, string>>;
  /** Platform → package with a Node, for a machine whose own is too old for the tools. */
  readonly nodes: Readonly<Record<string, string>>;
  /** wrangler's compatibility date of this package. */
  readonly compatibilityDate: string;
}

export function filesOf(project: Project): ReadonlyMap<string, string> {
  return new Map([
    ["package.json", packageJson(project)],
    ["wrangler.toml", wranglerToml(project)],
    ["tsconfig.json", TSCONFIG],
    ["vitest.config.ts", VITEST_CONFIG],
    [".gitignore", "node_modules/\n.errand/\n.wrangler/\ndist/\n.dev.vars\n"],
    ["README.md", readme(project)],
    ["src/worker.ts", WORKER],
    ["src/agents/shop.ts", AGENT],
    ["test/env.d.ts", TEST_ENV],
    ["test/shop.test.ts", TEST],
  ]);
}

const DEV_TOOLS = [
  "@cloudflare/vitest-plugin",
  "@cloudflare/workers-types",
  // The linter of api.validate, which runs beside the Worker.
  "@redocly/openapi-core",
  "typescript",
  "vitest",
  "wrangler",
];

function packageJson({ name, errand, versions, nodes }: Project): string {
  const version = (tool: string) => [tool, versions[tool] ?? "*"] as const;
  const bringsNode = Object.keys(nodes).length > 0;
  const manifest = {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: {
      dev: "errand dev",
      test: "vitest run",
      types: "tsc",
      deploy: "wrangler deploy",
      ...(bringsNode ? { prepare: "node node_modules/errand/dist/dev-server/link-node.js" } : {}),
    },
    // What `errand dev` starts beside the Worker.
    errand: { dev: "./node_modules/errand/dist/bundled/api/dev.js" },
    // Their install scripts only put binaries into place.
    allowScripts: { esbuild: true, sharp: false, workerd: true },
    dependencies: { errand, ...Object.fromEntries([version("zod")]) },
    devDependencies: Object.fromEntries(DEV_TOOLS.map(version)),
    ...(bringsNode ? { optionalDependencies: nodes } : {}),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function wranglerToml({ name, compatibilityDate }: Project): string {
  return `# Read by \`errand dev\`, by the tests and by \`wrangler deploy\` alike.
name = "${name}"
main = "src/worker.ts"
compatibility_date = "${compatibilityDate}"
compatibility_flags = ["no_web_socket_compression"]
keep_names = false
upload_source_maps = true

[observability]
enabled = true

# Each minute: wakes executions that are overdue.
[triggers]
crons = ["* * * * *"]

# Names the code that runs.
[version_metadata]
binding = "CF_VERSION_METADATA"

[[durable_objects.bindings]]
name = "EXECUTIONS"
class_name = "ExecutionActor"

[[durable_objects.bindings]]
name = "PROJECTORS"
class_name = "ProjectorActor"

# Queues of starts that nobody waits for.
[[durable_objects.bindings]]
name = "INTAKES"
class_name = "IntakeActor"

# Limiters: who may run under concurrency limits.
[[durable_objects.bindings]]
name = "LIMITERS"
class_name = "LimiterActor"

# What agents remember.
[[durable_objects.bindings]]
name = "MEMORIES"
class_name = "MemoryActor"

# Agents that run elsewhere.
[[durable_objects.bindings]]
name = "NODES"
class_name = "NodeDirectoryActor"

# Schedules.
[[durable_objects.bindings]]
name = "SCHEDULES"
class_name = "ScheduleActor"

[[migrations]]
tag = "v1"
new_sqlite_classes = ["ExecutionActor", "ProjectorActor"]

[[migrations]]
tag = "v3"
new_sqlite_classes = ["IntakeActor"]

[[migrations]]
tag = "v4"
new_sqlite_classes = ["MemoryActor"]

[[migrations]]
tag = "v5"
new_sqlite_classes = ["NodeDirectoryActor"]

[[migrations]]
tag = "v6"
new_sqlite_classes = ["ScheduleActor"]

[[migrations]]
tag = "v7"
new_sqlite_classes = ["LimiterActor"]

# The pages of the dashboard, which the Worker serves at /ui.
[assets]
directory = "node_modules/errand/dist/dashboard"
binding = "ASSETS"
run_worker_first = true

# \`npx wrangler d1 create ${name}\` prints the database_id: put it here before the first deploy.
[[d1_databases]]
binding = "REGISTRY"
database_name = "${name}"
database_id = "00000000-0000-0000-0000-000000000000"
migrations_dir = "node_modules/errand/migrations"

# \`npx wrangler r2 bucket create ${name}-files\` before the first deploy.
[[r2_buckets]]
binding = "FILES"
bucket_name = "${name}-files"
`;
}

const TSCONFIG = `{
  "compilerOptions": {
    "target": "ES2024",
    "lib": ["ES2024", "ESNext.Disposable"],
    "module": "esnext",
    "moduleResolution": "bundler",
    "types": ["@cloudflare/workers-types", "@cloudflare/vitest-plugin/types"],
    "strict": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["src", "test"]
}
`;

const VITEST_CONFIG = `import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** The tests run in workerd, with the bindings of wrangler.toml. */
export default defineConfig({
  plugins: [
    cloudflareTest({
      main: "./src/worker.ts",
      wrangler: { configPath: "./wrangler.toml" },
      miniflare: { bindings: { AUTH_MODE: "open" } },
    }),
  ],
  test: {
    testTimeout: 30_000,
    provide: { migrations: await readD1Migrations("./node_modules/errand/migrations") },
  },
});
`;

function readme({ name }: Project): string {
  return `# ${name}

- \`npm run dev\` serves it on http://localhost:8787; \`npm test\` runs the tests; \`npm run types\` checks the types.
- \`curl -s localhost:8787/api/v1/execute/shop.quote -d '{"input":{"item":"tea"}}'\` quotes a price.
- \`curl -s localhost:8787/api/v1/execute/async/shop.quote -d '{"input":{"item":"tea","wait_seconds":30}}'\` waits first: kill
  the server meanwhile, start it again, and read \`curl -s localhost:8787/api/v1/executions/ID\`.
- \`npx errand run api.designer "Design a REST API for user management"\` runs one of the agents of \`errand/api\`, with the server beside;
  \`npx errand agents new api.writer --from api.designer\` writes one of your own. Who needs none removes \`apiAgents\` from src/worker.ts.
- Without a model's key a scripted model answers; set \`ANTHROPIC_API_KEY\` for a real one.
- To deploy: \`npx wrangler d1 create ${name}\`, its id into wrangler.toml, \`npx wrangler d1 migrations apply ${name} --remote\`,
  \`npx wrangler r2 bucket create ${name}-files\`, \`npm run deploy\`, then an encryption key (docs/deploy.md of errand).
`;
}

const WORKER = `import { createErrand } from "errand";
import { type ApiEnv, apiAgents } from "errand/api";
import { quote } from "./agents/shop.ts";

/** apiAgents: api.designer, api.analyzer and api.generator, with their skills. */
const errand = createErrand<ApiEnv>({ ...apiAgents, executions: [quote] });

export default errand.worker;
export const { ExecutionActor, IntakeActor, LimiterActor, MemoryActor, NodeDirectoryActor, ProjectorActor, ScheduleActor } = errand.actors;
`;

const AGENT = `import { defineAgent, defineExecution, defineTool } from "errand";
import * as z from "zod";

/** What the model may do. A run is in the journal: its intent before it starts, its result before the model hears of it. */
const lookUpPrice = defineTool({
  name: "look_up_price",
  description: "Gives the price of one piece in cents.",
  input: z.object({ item: z.string() }),
  output: z.object({ cents: z.number().int() }),
  idempotent: true,
  run: ({ item }) => ({ cents: 100 * item.length }),
});

const shop = defineAgent({ id: "shop", description: "Sells tea.", version: "1.0.0" });

/** POST /api/v1/execute/shop.quote */
export const quote = defineExecution({
  key: "quote",
  agent: shop,
  name: "Quote",
  description: "Quotes the price of one piece.",
  input: z.object({ item: z.string().min(1), wait_seconds: z.number().min(0).default(0) }),
  output: z.object({ item: z.string(), cents: z.number().int() }),
  tools: [lookUpPrice],
  // What the scripted model answers, where no model's key is set.
  script: [
    { reply: { tools: [{ name: "look_up_price", input: { item: "tea" } }] } },
    { reply: { text: '{"item":"tea","cents":300}' } },
  ],
  async execute({ input, conversation, sleep }) {
    // Goes on after every restart of the server.
    if (input.wait_seconds > 0) await sleep(input.wait_seconds * 1000);
    return conversation.ask(\`What does this cost: \${input.item}?\`);
  },
});
`;

const TEST_ENV = `import type { ErrandEnv } from "errand";
import type { D1Migration } from "cloudflare:test";

declare global {
  namespace Cloudflare {
    interface Env extends ErrandEnv {}
    interface GlobalProps {
      mainModule: typeof import("../src/worker.ts");
    }
  }
}

declare module "vitest" {
  interface ProvidedContext {
    migrations: D1Migration[];
  }
}
`;

const TEST = `import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";

beforeAll(() => applyD1Migrations(env.REGISTRY, inject("migrations")));

test("a quote has the price that the tool gave", async () => {
  const body = JSON.stringify({ input: { item: "tea" } });
  const answer = await exports.default.fetch(
    new Request("http://localhost/api/v1/execute/shop.quote", { method: "POST", body }),
  );
  expect(await answer.json()).toMatchObject({ status: "succeeded", result: { item: "tea", cents: 300 } });
});
`;
