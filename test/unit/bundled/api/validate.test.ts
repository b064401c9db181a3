/** The linter of `api.validate`: a document for each rule that breaks it and no other word of it, and the lines. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { lint } from "../../../../src/bundled/api/lint.ts";
import type { LintServer } from "../../../../src/bundled/api/lint-server.ts";
import { startLintServer } from "../../../../src/bundled/api/lint-server.ts";
import { linterAt } from "../../../../src/bundled/api/linter.ts";
import { apiValidate } from "../../../../src/bundled/api/validate.ts";
import { runSkill } from "../../../support/api/run-skill.ts";

const GOOD = `openapi: 3.1.0
info:
  title: Notes
  version: 1.0.0
  description: Notes.
  contact: {name: Notes, url: https://notes.example.org}
  license: {name: MIT, identifier: MIT}
servers:
  - url: https://notes.example.org
security:
  - bearer: []
tags:
  - {name: Note, description: Notes.}
paths:
  /notes/{note_id}:
    parameters:
      - {name: note_id, in: path, required: true, description: Its id., schema: {type: string}}
    get:
      operationId: readNote
      summary: Read a note
      description: Read a note.
      tags: [Note]
      responses:
        "200":
          description: It is there
          content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}
        "404": {description: There is none}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
  schemas:
    Note:
      type: object
      required: [text]
      properties:
        text: {type: string}
        kind: {type: string, enum: [short, long]}
`;

/** Any: a document in whose depths a test changes one word. */
type Open = { [name: string]: Open } & { push(item: unknown): void };
const GET = (document: Open) => document.paths?.["/notes/{note_id}"]?.get as Open;
const NOTE = (document: Open) => document.components?.schemas?.Note as Open;

/** The change that breaks the rule. */
const BREAKS: Readonly<Record<string, (document: Open) => unknown>> = {
  struct: (document) => delete (document.info as { title?: unknown }).title,
  "no-unresolved-refs": (document) =>
    Object.assign(NOTE(document).properties as object, { other: { $ref: "#/components/schemas/None" } }),
  "info-license": (document) => delete (document.info as { license?: unknown }).license,
  "info-license-strict": (document) => Object.assign(document.info as object, { license: { name: "MIT" } }),
  "info-contact": (document) => delete (document.info as { contact?: unknown }).contact,
  "no-ambiguous-paths": (document) =>
    Object.assign(document.paths as object, {
      "/{kind}/latest": {
        ...(document.paths?.["/notes/{note_id}"] as object),
        parameters: [param("kind")],
        get: { ...GET(document), operationId: "readLatest" },
      },
    }),
  "no-identical-paths": (document) =>
    Object.assign(document.paths as object, {
      "/notes/{id}": { parameters: [param("id")], get: { ...GET(document), operationId: "readSame" } },
    }),
  "no-path-trailing-slash": (document) =>
    Object.assign(document.paths as object, {
      "/notes/": { get: { ...GET(document), operationId: "listNotes" } },
    }),
  "path-not-include-query": (document) =>
    Object.assign(document.paths as object, {
      "/notes?kind": { get: { ...GET(document), operationId: "listNotes" } },
    }),
  "path-declaration-must-exist": (document) =>
    Object.assign(document.paths as object, {
      "/notes/{}": { get: { ...GET(document), operationId: "readNone" } },
    }),
  "path-parameters-defined": (document) =>
    Object.assign(document.paths?.["/notes/{note_id}"] as object, { parameters: [param("other")] }),
  "paths-kebab-case": (document) =>
    Object.assign(document.paths as object, {
      "/old_notes": { get: { ...GET(document), operationId: "listOld" } },
    }),
  "path-segment-plural": (document) =>
    Object.assign(document.paths as object, {
      "/note": { get: { ...GET(document), operationId: "listNotes" } },
    }),
  "operation-operationId": (document) => delete (GET(document) as { operationId?: unknown }).operationId,
  "operation-operationId-unique": (document) =>
    Object.assign(document.paths as object, { "/notes": { get: GET(document) } }),
  "operation-operationId-url-safe": (document) => Object.assign(GET(document), { operationId: "read a note" }),
  "operation-summary": (document) => delete (GET(document) as { summary?: unknown }).summary,
  "operation-description": (document) => delete (GET(document) as { description?: unknown }).description,
  "operation-tag-defined": (document) => Object.assign(GET(document), { tags: ["Other"] }),
  "operation-2xx-response": (document) => delete (GET(document).responses as { 200?: unknown })[200],
  "operation-4xx-response": (document) => delete (GET(document).responses as { 404?: unknown })[404],
  "operation-parameters-unique": (document) => Object.assign(GET(document), { parameters: [query, query] }),
  "parameter-description": (document) =>
    Object.assign(GET(document), { parameters: [{ name: "q", in: "query", schema: { type: "string" } }] }),
  "security-defined": (document) => delete (document as { security?: unknown }).security,
  "tag-description": (document) => Object.assign(document, { tags: [{ name: "Note" }] }),
  "no-duplicated-tag-names": (document) => Object.assign(document, { tags: [tag, tag] }),
  "no-enum-type-mismatch": (document) =>
    Object.assign(NOTE(document).properties as object, { kind: { type: "string", enum: [1] } }),
  "no-duplicated-enum-values": (document) =>
    Object.assign(NOTE(document).properties as object, { kind: { type: "string", enum: ["a", "a"] } }),
  "no-schema-type-mismatch": (document) =>
    Object.assign(NOTE(document).properties as object, {
      kind: { type: "array", properties: { a: { type: "string" } } },
    }),
  "no-required-schema-properties-undefined": (document) =>
    Object.assign(NOTE(document), { required: ["text", "gone"] }),
  "no-empty-servers": (document) => Object.assign(document, { servers: [] }),
  "no-server-trailing-slash": (document) =>
    Object.assign(document, { servers: [{ url: "https://notes.example.org/" }] }),
  "no-undefined-server-variable": (document) =>
    Object.assign(document, { servers: [{ url: "https://{host}.example.org" }] }),
  "no-unused-components": (document) =>
    Object.assign(document.components?.schemas as object, { Unused: { type: "string" } }),
};
const param = (name: string) => ({ name, in: "path", required: true, description: "d", schema: { type: "string" } });
const query = { name: "q", in: "query", description: "d", schema: { type: "string" } };
const tag = { name: "Note", description: "d" };

describe("a rule", () => {
  test("has nothing to say of a good document", async () => expect(await lint(GOOD)).toEqual([]));

  test("stands here, with 19 others at least", () => expect(Object.keys(BREAKS).length).toBeGreaterThanOrEqual(20));

  test.each(Object.keys(BREAKS))("%s finds what breaks it", async (rule) => {
    const document = parse(GOOD) as Open;
    BREAKS[rule]?.(document);
    const found = await lint(stringify(document, { aliasDuplicateObjects: false }));
    expect(found.map((problem) => problem.rule)).toContain(rule);
  });
});

describe("a problem", () => {
  test("says its line, as an editor counts it", async () => {
    const [problem, ...others] = await lint(
      GOOD.replace("        text: {type: string}", "        text: {type: strin}"),
    );
    expect(others.filter(({ rule }) => rule === "struct")).toEqual([]);
    expect(problem).toMatchObject({
      rule: "struct",
      severity: "error",
      line: 36,
      pointer: "#/components/schemas/Note/properties/text/type",
    });
  });

  test("is what lies outside of the document: nothing is loaded", async () => {
    for (const outside of ["./secret.yaml", "https://example.com/api.yaml", "/etc/hostname"]) {
      const found = await lint(GOOD.replace("#/components/schemas/Note", outside));
      expect([outside, found.map(({ rule }) => rule)]).toEqual([
        outside,
        expect.arrayContaining(["no-unresolved-refs"]),
      ]);
      expect(JSON.stringify(found)).not.toContain("ENOENT");
    }
  });
});

describe("api.validate", () => {
  let server: LintServer;
  beforeAll(async () => {
    server = await startLintServer({ port: 0 });
  });
  afterAll(() => server.close());
  const validate = (document: string | object, strict_mode = false) =>
    runSkill(apiValidate, { document: document as string, strict_mode }, { linter: linterAt(server.url) });

  test("takes a text or an object, and answers what the linter found", async () => {
    expect(await validate(GOOD, true)).toEqual({ valid: true, errors: 0, warnings: 0, problems: [] });
    expect(await validate(parse(GOOD) as object)).toMatchObject({ valid: true });
    const warned = GOOD.replace("      description: Read a note.\n", "");
    expect(await validate(warned)).toMatchObject({ valid: true, errors: 0, warnings: 1 });
    expect(await validate(warned, true)).toMatchObject({ valid: false, problems: [{ rule: "operation-description" }] });
    expect(await validate(GOOD.replace("get:", "fetch:"))).toMatchObject({
      valid: false,
      problems: [{ rule: "struct", line: 18 }, { rule: "no-unused-components" }],
    });
  });

  test("says of what is no document where it stops to be one", async () => {
    expect(await validate("openapi: 3.1.0\ninfo: [")).toMatchObject({
      valid: false,
      errors: 1,
      problems: [{ severity: "error" }],
    });
    expect(await validate("just words")).toMatchObject({ valid: false, errors: 1 });
  });

  test("fails without an address of the linter, and names the setting", async () => {
    const linter = linterAt(undefined);
    await expect(runSkill(apiValidate, { document: GOOD }, { linter })).rejects.toThrow("set API_LINTER_URL");
  });
});
