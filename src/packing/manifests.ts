/** The manifests of the packed packages, made of the repository's own: no version is written twice. */

type Versions = Readonly<Record<string, string>>;

/** The parts of the repository's package.json that are read here. */
export interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
  readonly optionalDependencies: Versions;
}

/** Tools that the launcher runs. */
const LAUNCHER_NEEDS = ["miniflare", "wrangler"];

/** Shared with the program that uses a package: one copy for both, so any later one that is compatible will do. */
const SHARED = "zod";

/** Only of `errand/api/dev`. */
const LINTER = "@redocly/openapi-core";

export function clientManifest({ version, license, dependencies }: Manifest): object {
  return {
    name: "errand-client",
    version,
    description: "The typed client of Errand and its kit for agents that poll, for Node, browsers and Workers.",
    license,
    type: "module",
    engines: { node: ">=20" },
    exports: {
      ".": { types: "./dist/client/index.d.ts", default: "./dist/client/index.js" },
      "./agent": { types: "./dist/agent/index.d.ts", default: "./dist/agent/index.js" },
      "./package.json": "./package.json",
    },
    files: ["dist"],
    dependencies: { [SHARED]: `^${dependencies[SHARED]}` },
  };
}

export function errandManifest({ version, description, license, dependencies, devDependencies }: Manifest): object {
  const { [SHARED]: shared, ...others } = dependencies;
  const tools = Object.fromEntries(LAUNCHER_NEEDS.map((name) => [name, devDependencies[name] ?? dependencies[name]]));
  return {
    name: "errand",
    version,
    description,
    license,
    type: "module",
    engines: { node: ">=20" },
    bin: { errand: "./dist/cli/errand.js" },
    exports: {
      ".": {
        types: "./dist/library/index.d.ts",
        workerd: "./dist/library/index.js",
        default: "./dist/library/outside.js",
      },
      "./client": { types: "./dist/client.d.ts", default: "./dist/client.js" },
      "./agent": { types: "./dist/agent.d.ts", default: "./dist/agent.js" },
      "./api": { types: "./dist/bundled/api/agents.d.ts", default: "./dist/bundled/api/agents.js" },
      "./api/dev": { types: "./dist/bundled/api/dev.d.ts", default: "./dist/bundled/api/dev.js" },
      "./package.json": "./package.json",
    },
    files: ["dist", "migrations", "docs"],
    dependencies: { ...others, ...tools, "errand-client": version },
    bundleDependencies: ["errand-client"],
    peerDependencies: {
      "@cloudflare/workers-types": ">=5",
      [LINTER]: `^${devDependencies[LINTER]}`,
      [SHARED]: `^${shared}`,
    },
    peerDependenciesMeta: { "@cloudflare/workers-types": { optional: true }, [LINTER]: { optional: true } },
  };
}

/** What a new project gets: the versions that this repository is tested with, and Node itself for a machine with an old one. */
export function testedOf(
  { dependencies, devDependencies, optionalDependencies }: Manifest,
  wranglerToml: string,
): object {
  const { "@cloudflare/vitest-pool-workers": plugin = "", ...tools } = devDependencies;
  return {
    versions: { ...dependencies, ...tools, "@cloudflare/vitest-plugin": plugin.replace(/^npm:.*@/, "") },
    nodes: optionalDependencies,
    compatibilityDate: /^compatibility_date = "([^"]+)"/m.exec(wranglerToml)?.[1],
  };
}
