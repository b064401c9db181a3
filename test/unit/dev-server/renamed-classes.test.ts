import { expect, it } from "vitest";
import { withFirstNames } from "../../../src/dev-server/renamed-classes.ts";

const keysOf = (bindings: Record<string, unknown>, migrations: Parameters<typeof withFirstNames>[1]["migrations"]) =>
  withFirstNames(bindings, { name: "shop", migrations });

it("a class that was renamed keeps the objects of its first name, through several renames", () => {
  const migrations = [
    {},
    { renamed_classes: [{ from: "First", to: "Second" }] },
    { renamed_classes: [{ from: "Second", to: "Third" }] },
  ];
  expect(keysOf({ A: { className: "Third", useSQLite: true }, B: "Other" }, migrations)).toEqual({
    A: { className: "Third", useSQLite: true, unsafeUniqueKey: "shop-First" },
    B: "Other",
  });
});

it("a new class under a name that was given up has a place of its own", () => {
  const migrations = [{ renamed_classes: [{ from: "First", to: "Second" }] }];
  expect(keysOf({ A: { className: "First" } }, migrations)).toEqual({ A: { className: "First" } });
});
