/**
 * Static assets that the Worker serves itself (`run_worker_first = true`), in a Worker of their own beside it: called by `serve`.
 *
 * Miniflare puts its router before a Worker that has assets, and the router alters what it passes on: dots in a path are resolved
 * and two Host headers are answered with 500. Deployed, the platform hands such a request to the Worker as it came. With the
 * assets in a second Worker, bound as a service under the same name, our Worker is first here too.
 */
import type { WorkerConfig } from "./worker-config.ts";

type Options = Readonly<Record<string, unknown>>;

interface Assets {
  readonly binding?: string;
  readonly run_worker_first?: unknown;
  readonly routerConfig?: Options;
}

const IDLE = "export default { fetch: () => new Response(null, { status: 404 }) };";

/** The Workers that Miniflare runs: ours first, and one for its assets where it serves them itself. */
export function workersOf(config: WorkerConfig, ours: Options): Options[] {
  const { assets: read, ...options } = config.options;
  const assets = read as Assets | undefined;
  if (assets?.binding === undefined || assets.run_worker_first !== true) return [{ ...config.options, ...ours }];
  const name = `${config.name}-assets`;
  const serviceBindings = { ...(options.serviceBindings as Options | undefined), [assets.binding]: name };
  return [
    { ...options, ...ours, serviceBindings },
    {
      name,
      rootPath: ours.rootPath,
      compatibilityDate: options.compatibilityDate,
      modules: [{ type: "ESModule", path: "assets.js", contents: IDLE }],
      assets: { ...assets, run_worker_first: false, routerConfig: { has_user_worker: false } },
    },
  ];
}
