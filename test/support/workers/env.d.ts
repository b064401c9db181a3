import type { D1Migration } from "cloudflare:test";
import type { Env as WorkerEnv } from "../../../src/worker.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {}
    interface GlobalProps {
      mainModule: typeof import("../../../src/worker.ts");
    }
  }
}

declare module "vitest" {
  interface ProvidedContext {
    migrations: D1Migration[];
    examplesMigrations: D1Migration[];
  }
}
