import { expect, test } from "vitest";
import { workersOf } from "../../../src/dev-server/assets.ts";
import type { WorkerConfig } from "../../../src/dev-server/worker-config.ts";

const ours = { name: "shop", rootPath: "/shop/.build", bindings: { A: "1" } };
const configOf = (options: WorkerConfig["options"]): WorkerConfig => ({
  ...{ root: "/shop", name: "shop", rules: [], variables: {}, databases: [], crons: [], customBuild: false },
  options,
});
const assets = { directory: "/shop/pages", binding: "ASSETS", assetConfig: { html_handling: "none" } };

test("assets of a Worker that is asked first are a Worker beside it, bound under their name", () => {
  const options = { compatibilityDate: "2026-11-02", serviceBindings: { MAIL: "mail" } };
  const [first, beside, ...none] = workersOf(
    configOf({ ...options, assets: { ...assets, run_worker_first: true } }),
    ours,
  );
  expect(first).toEqual({ ...options, ...ours, serviceBindings: { MAIL: "mail", ASSETS: "shop-assets" } });
  expect(beside).toMatchObject({ name: "shop-assets", assets: { ...assets, run_worker_first: false } });
  // Its router asks no Worker behind it: what is no asset is 404, and ours decides.
  expect(beside).toHaveProperty("assets.routerConfig", { has_user_worker: false });
  expect(none).toEqual([]);
});

test.each([undefined, false, ["/api/*"]])(
  "assets with run_worker_first %j answer first, as they do deployed",
  (first) => {
    const options = { assets: { ...assets, run_worker_first: first } };
    expect(workersOf(configOf(options), ours)).toEqual([{ ...options, ...ours }]);
  },
);

test("a Worker without assets is alone", () => {
  expect(workersOf(configOf({}), ours)).toEqual([ours]);
});
