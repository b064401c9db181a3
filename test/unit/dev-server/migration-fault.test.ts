import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { migrationFault } from "../../../src/dev-server/migration-fault.ts";
import { codeOnly } from "../../support/architecture/read-code.ts";

const bindings = ["ExecutionActor", "ProjectorActor", "Room"].map((class_name) => ({ class_name }));
const FILE = "/shop/wrangler.toml";

describe("the migrations of a wrangler file", () => {
  it("that name every class are right, also where a class was renamed or is another Worker's", () => {
    const migrations = [
      { tag: "v1", new_sqlite_classes: ["ExecutionActor", "BookActor"], new_classes: ["Room"] },
      { tag: "v2", renamed_classes: [{ from: "BookActor", to: "ProjectorActor" }] },
    ];
    const elsewhere = { class_name: "Other", script_name: "other" };
    expect(migrationFault(FILE, { bindings: [...bindings, elsewhere], migrations })).toBeUndefined();
  });

  it("that lack classes are told with the lines to paste, under a tag that is free", () => {
    const migrations = [{ tag: "v3", new_sqlite_classes: ["Room"] }];
    const fault = migrationFault(FILE, { bindings, migrations });
    expect(fault).toMatch(/^\/shop\/wrangler\.toml: no migration names ExecutionActor, ProjectorActor\. Add/);
    expect(fault).toContain('[[migrations]]\ntag = "v4"\nnew_sqlite_classes = ["ExecutionActor", "ProjectorActor"]');
    const deleted = [...migrations, { tag: "v4", deleted_classes: ["Room"] }];
    expect(migrationFault(FILE, { bindings, migrations: deleted })).toContain('"Room"]');
  });

  it("that give a class of Errand storage without SQL are refused", () => {
    const migrations = [{ tag: "v1", new_classes: ["ExecutionActor"], new_sqlite_classes: ["ProjectorActor", "Room"] }];
    expect(migrationFault(FILE, { bindings, migrations })).toContain("move it to new_sqlite_classes");
  });

  it("are asked to give SQL to each class that the library exports", () => {
    const source = readFileSync(join(import.meta.dirname, "../../../src/compose/actors.ts"), "utf8");
    const classes = new Set([...codeOnly(source).matchAll(/\b([A-Z]\w+Actor)\b/g)].map(([, name = ""]) => name));
    expect(classes.size).toBeGreaterThanOrEqual(7);
    for (const class_name of classes) {
      const given = { bindings: [{ class_name }], migrations: [{ tag: "v1", new_classes: [class_name] }] };
      expect([class_name, migrationFault(FILE, given)]).toEqual([class_name, expect.stringContaining("new_sqlite")]);
    }
  });
});
