import { dirname } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { workersOf } from "./assets.ts";
import type { ProgramsAtWork } from "./log/programs-at-work.ts";
import { readableLog, sourceLinesOf } from "./log/readable-log.ts";
import { sourceNames } from "./log/source-names.ts";
import type { StartingLog } from "./log/starting-log.ts";
import { ModuleThrew } from "./log/starting-log.ts";
import { modulesOf } from "./modules.ts";
import type { WorkerConfig } from "./worker-config.ts";

export interface ServerOptions {
  readonly config: WorkerConfig;
  readonly bundle: string;
  readonly port: number;
  readonly host?: string;
  readonly stateDir: string;
  readonly bindings: Readonly<Record<string, string>>;
  /** Called when workerd has ended by itself and is there again. */
  readonly onRuntimeRestart?: () => void;
  readonly programs?: ProgramsAtWork;
  /** Keeps back what only the start causes; without it each line is shown. */
  readonly starting?: StartingLog;
}

export interface Served {
  readonly miniflare: Miniflare;
  readonly url: URL;
}

/**
 * The built Worker in workerd. `unsafeDirectSockets` binds our port to the Worker itself: requests do not pass through
 * Miniflare's entry worker (which would cost about 0.5 ms each and touches the Host header). Miniflare's own port
 * stays on a random port of 127.0.0.1 for what the launcher does itself: `scheduled`. With a \`StartingLog\` it
 * rejects with `ModuleThrew` where the Worker's module throws.
 */
export async function serve(options: ServerOptions): Promise<Served> {
  const { config, bundle, host = "127.0.0.1" } = options;
  const named = sourceNames(bundle, config.root);
  const sources = sourceLinesOf(config.root);
  // Programs read lines of JSON; a person reads sentences.
  const shown = (line: string) => (process.stderr.isTTY ? readableLog(named(line), sources) : named(line));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: workersOf(config, {
        name: config.name,
        bindings: { ...config.variables, ...options.bindings },
        rootPath: dirname(bundle),
        modules: modulesOf(bundle, config.rules),
        unsafeDirectSockets: [{ host, port: options.port }],
      }),
      host: "127.0.0.1",
      port: 0,
      unsafeTriggerHandlers: true,
      resourcePersistencePath: options.stateDir,
      ...(options.onRuntimeRestart === undefined ? {} : { unsafeHandleRuntimeRestart: options.onRuntimeRestart }),
      log: new Log(LogLevel.WARN),
      handleStructuredLogs: ({ level, message }) => {
        if (options.programs?.hear(message) || options.starting?.hear(message)) return;
        if (level === "error" || level === "warn") console.error(shown(message));
        else console.log(shown(message));
      },
      // Without it Miniflare fetches sample data for request.cf from the internet.
      cf: false,
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  );
  try {
    await miniflare.ready;
  } catch (error) {
    await miniflare.dispose().catch(() => {});
    const thrown = options.starting?.thrown;
    throw thrown === undefined ? error : new ModuleThrew(named(thrown), sources);
  }
  return { miniflare, url: await miniflare.unsafeGetDirectURL() };
}
