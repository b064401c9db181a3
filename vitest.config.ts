/**
 * The suite: which tests run where, how many files at a time and in which order.
 *
 * Four projects, one after the other: `unit` is pure, `workers` runs inside workerd with the bindings of wrangler.toml,
 * `process` starts and kills real servers, each with a port and a state folder of its own, and `long` does so for minutes a
 * file: `npm run check` runs all four, `npm test` the first three.
 */
import { mkdirSync } from "node:fs";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { PATIENCE_MS } from "./test/support/patience.ts";
import { bundledWorker } from "./test/support/processes/bundled-worker.ts";
import { ClosingLine } from "./test/support/processes/closing-line.ts";
import { LongestFirst } from "./test/support/processes/longest-first.ts";

/**
 * Packages whose modules are bundled before they are loaded into workerd: 600 modules would be sent one by one for each test
 * file, more than half as many as the Worker has of its own.
 */
const BUNDLED = [
  ...["@anthropic-ai/sdk", "@anthropic-ai/sdk/client", "@anthropic-ai/sdk/core/error"],
  ...["@anthropic-ai/sdk/resources/messages/messages", "@remix-run/multipart-parser", "croner"],
  ...["drizzle-orm", "drizzle-orm/d1", "drizzle-orm/sqlite-core", "eventsource-parser", "fastest-levenshtein"],
  ...["hono", "hono/accepts", "hono/html", "hono/jwt", "ipaddr.js", "jsonc-parser", "vader-sentiment", "yaml"],
  ...["zod", "zod/v4/core"],
];

/** By itself vitest leaves a core unused. */
const inGroup = (groupOrder: number, maxWorkers = 2) => ({ maxWorkers, sequence: { groupOrder } });

// wrangler's configuration names the folder of the dashboard's pages. Its tests have them built; most need none.
mkdirSync("dist/dashboard", { recursive: true });

/** A busy machine is no fault of the code: what must come is waited for by conditions, with limits that only a hang reaches. */
const PATIENT = {
  testTimeout: 3 * PATIENCE_MS,
  hookTimeout: 3 * PATIENCE_MS,
  expect: { poll: { timeout: PATIENCE_MS, interval: 50 } },
};

export default defineConfig({
  test: {
    reporters: ["default", new ClosingLine()],
    sequence: { sequencer: LongestFirst },
    // The Worker's line for each request would bury everything else.
    onConsoleLog: (text) => !text.includes('"message":"request"'),
    projects: [
      {
        test: {
          name: "unit",
          ...inGroup(1),
          include: ["test/{unit,property,contract,regression}/**/*.test.ts"],
          ...PATIENT,
          environment: "node",
          // Modules are loaded once for all files of a worker: what a file changes in one of them it puts back.
          isolate: false,
        },
      },
      {
        plugins: [
          bundledWorker(import.meta.dirname, "src/worker.ts"),
          cloudflareTest({
            main: "./src/worker.ts",
            wrangler: { configPath: "./wrangler.toml" },
            // A short heartbeat: what was interrupted is found again within a test's patience.
            miniflare: {
              bindings: {
                AUTH_MODE: "open",
                LEDGER_SERVICE_URL: "http://bank.test",
                ERRAND_HEARTBEAT_MS: "150",
                ERRAND_LOG: "info",
                ERRAND_ENCRYPTION_KEYS: `tests:${Buffer.alloc(32, 7).toString("base64")}`,
              },
            },
          }),
        ],
        test: {
          name: "workers",
          // A file waits for its runtime to begin, and for timers: a third one uses what two leave of two cores.
          ...inGroup(2, 3),
          include: ["test/workers/**/*.test.ts"],
          // It goes by what a file holds; what is served for a file depends on all others (bundled-worker.ts).
          fsModuleCache: false,
          deps: { optimizer: { ssr: { enabled: true, include: BUNDLED } } },
          ...PATIENT,
          provide: {
            migrations: await readD1Migrations("./migrations"),
            examplesMigrations: await readD1Migrations("./src/examples/migrations"),
          },
        },
      },
      {
        test: {
          name: "process",
          // They wait for what they have started: a third one uses what two leave of two cores.
          ...inGroup(3, 3),
          include: ["test/{crash,e2e}/**/*.test.ts"],
          ...PATIENT,
          environment: "node",
        },
      },
      {
        test: {
          name: "long",
          ...inGroup(4, 3),
          include: ["test/long/**/*.test.ts"],
          ...PATIENT,
          environment: "node",
        },
      },
    ],
  },
});
