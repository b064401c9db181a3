import { resolve } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import type { WorkerConfig } from "./bindings.ts";
import type { ProgramsAtWork } from "./programs-at-work.ts";
import { sourceNames } from "./source-names.ts";

export interface ServerOptions {
  readonly config: WorkerConfig;
  readonly bundle: string;
  readonly port: number;
  readonly stateDir: string;
  readonly bindings: Readonly<Record<string, string>>;
  readonly onRuntimeRestart: () => void;
  readonly programs?: ProgramsAtWork;
}

/**
 * The built Worker in workerd. `unsafeDirectSockets` binds our port to the Worker itself: requests do not pass through
 * Miniflare's entry worker (which would cost about 0.5 ms each and touches the Host header). Miniflare's own door
 * stays on a random port for what the launcher does itself: migrations and `scheduled`.
 */
export async function serve(options: ServerOptions): Promise<{ miniflare: Miniflare; url: URL }> {
  const named = sourceNames(options.bundle, resolve(import.meta.dirname, "../.."));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...options.config.options,
      name: options.config.name,
      bindings: { ...options.config.variables, ...options.bindings },
      modules: true,
      scriptPath: options.bundle,
      host: "127.0.0.1",
      port: 0,
      unsafeDirectSockets: [{ host: "127.0.0.1", port: options.port }],
      resourcePersistencePath: options.stateDir,
      unsafeHandleRuntimeRestart: options.onRuntimeRestart,
      log: new Log(LogLevel.WARN),
      handleStructuredLogs: ({ level, message }) => {
        if (options.programs?.hear(message)) return;
        if (level === "error" || level === "warn") console.error(named(message));
        else console.log(named(message));
      },
      // Without it Miniflare fetches sample data for request.cf from the internet.
      cf: false,
    }),
  );
  await miniflare.ready;
  return { miniflare, url: await miniflare.unsafeGetDirectURL() };
}
