import { expect, it } from "vitest";
import { regionOf } from "../../../../src/operations/executions/location.ts";

it.each([
  [{ continent: "NA", longitude: "-122.4" }, "wnam"],
  [{ continent: "NA", longitude: "-74" }, "enam"],
  [{ continent: "EU", longitude: "2.35" }, "weur"],
  [{ continent: "EU", longitude: "21" }, "eeur"],
  [{ continent: "AS", longitude: "55.3" }, "me"],
  [{ continent: "AS", longitude: "139.7" }, "apac"],
  [{ continent: "SA" }, "sam"],
  [{ continent: "AF" }, "afr"],
  [{ continent: "OC" }, "oc"],
  [{ continent: "AN" }, undefined],
  [{ continent: "EU", longitude: "somewhere" }, "eeur"],
  [{}, undefined],
])("a caller at %j is in %s", (place, region) => {
  expect(regionOf(place)).toBe(region);
});
