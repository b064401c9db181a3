/** `api.define` and `api.generate-models`: the document is OpenAPI 3.1, the types compile, the schemas tell values apart. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { apiDefine } from "../../../../src/bundled/api/define.ts";
import { lint } from "../../../../src/bundled/api/lint.ts";
import { apiGenerateModels } from "../../../../src/bundled/api/models.ts";
import { runSkill } from "../../../support/api/run-skill.ts";

const BLOG = {
  description: "Manages blog posts",
  resources: [
    {
      name: "blog post",
      fields: {
        title: "string",
        state: { type: "string", enum: ["draft", "public"], description: "Who sees it." },
        words: { type: "integer", required: false },
        author_email: "email",
      },
    },
    { name: "category", fields: { name: "string" }, operations: ["list", "read"] },
  ],
};

describe("api.define", () => {
  test("writes a valid OpenAPI 3.1 document, of which the linter has nothing to say", async () => {
    const { document, paths, schemas } = await runSkill(apiDefine, BLOG);
    const { valid, errors } = await new Validator().validate(parse(String(document)));
    expect([valid, errors]).toEqual([true, undefined]);
    expect(await lint(String(document))).toEqual([]);
    expect(paths).toEqual(["/blog-posts", "/blog-posts/{blog_post_id}", "/categories", "/categories/{category_id}"]);
    expect(schemas).toEqual(["Problem", "BlogPostInput", "BlogPost", "BlogPostPage", "Category", "CategoryPage"]);
    const { paths: written } = parse(String(document)) as { paths: Record<string, object> };
    expect(Object.keys(written["/categories/{category_id}"] ?? {})).toEqual(["parameters", "get"]);
  });

  test.each([
    ["Create a REST API for managing blog posts with CRUD operations", "/blog-posts"],
    ["Design a REST API for user management", "/users"],
    ["Create an API that manages the categories.", "/categories"],
    ["Nothing is named here", "/items"],
  ])("finds the resource in a sentence: %s", async (description, path) => {
    const { document, paths } = await runSkill(apiDefine, { description });
    expect(paths).toContain(path);
    expect(await lint(String(document))).toEqual([]);
  });

  test("takes the inputs of the reference, and refuses guidelines that it does not know", async () => {
    const inputs = { description: "Manages users", guidelines: "zalando", format: "openapi-3.1" };
    expect((await runSkill(apiDefine, inputs)).paths).toContain("/users");
    await expect(runSkill(apiDefine, { ...inputs, guidelines: "none" })).rejects.toThrow("guidelines");
  });
});

const folder = mkdtempSync(join(tmpdir(), "errand-models-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Files in which the compiler finds a fault; all in one run of it. */
function faultyOf(sources: Readonly<Record<string, string>>): string[] {
  const files = Object.entries(sources).map(([name, source]) => {
    const file = join(folder, `${name}.ts`);
    writeFileSync(file, source);
    return file;
  });
  const tsc = resolve(import.meta.dirname, "../../../../node_modules/.bin/tsc");
  const args = [
    "--noEmit",
    "--strict",
    "--ignoreConfig",
    "--types",
    "",
    "--target",
    "es2024",
    "--lib",
    "es5",
    ...files,
  ];
  const { stdout } = spawnSync(tsc, args, { cwd: folder, encoding: "utf8" });
  const faulty = stdout.split("\n").flatMap((line) => /^(\w+)\.ts.*error TS/.exec(line)?.[1] ?? []);
  return [...new Set(faulty)];
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const FORMS = {
  "odd name": { type: "object", properties: { "a-b": { type: "string" }, id: { type: "string", readOnly: true } } },
  Pet: { oneOf: [ref("Cat"), ref("Dog")] },
  Cat: { type: "object", required: ["kind"], properties: { kind: { const: "cat" } } },
  Dog: { allOf: [ref("Named"), { type: "object", properties: { kind: { const: "dog" } } }] },
  Named: { type: "object", required: ["name"], properties: { name: { type: ["string", "null"] } } },
  Bag: { type: "object", additionalProperties: { type: "integer" } },
  Pair: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false },
  Many: { type: "array", items: { enum: ["a", 1, null] } },
  Tree: { type: "object", properties: { children: { type: "array", items: ref("Tree") } } },
  Nothing: {},
};

describe("api.generate-models", () => {
  test("writes types that compile, whatever form a schema has, and that tell values apart", async () => {
    const { document } = await runSkill(apiDefine, BLOG);
    const blog = await runSkill(apiGenerateModels, { document: String(document) });
    expect(blog.models).toContain("BlogPost");
    const forms = await runSkill(apiGenerateModels, { document: { components: { schemas: FORMS } } });
    const values = `
      const pet: Pet = { name: null, kind: "dog" };
      const bag: Bag = { a: 1 };
      const pair: Pair = ["a", 1];
      const many: Many = ["a", 1, null];
      const tree: Tree = { children: [{ children: [] }] };
      const odd: OddName = { "a-b": "x" };
      export { pet, bag, pair, many, tree, odd };`;
    const post = (state: string) =>
      `const post: BlogPostInput = { title: "T", state: "${state}", author_email: "a" }; export { post };`;
    const page = "const page: BlogPostPage = { items: [], next_cursor: null }; export { page };";
    const faulty = faultyOf({
      goodPost: `${blog.typescript}${post("draft")}`,
      badPost: `${blog.typescript}${post("gone")}`,
      page: `${blog.typescript}${page}`,
      lacking: `${blog.typescript}const post: BlogPostInput = { title: "T" }; export { post };`,
      forms: `${forms.typescript}${values}`,
      badPet: `${forms.typescript}const pet: Pet = { kind: "bird" }; export { pet };`,
      badBag: `${forms.typescript}const bag: Bag = { a: "1" }; export { bag };`,
    });
    expect(faulty.sort()).toEqual(["badBag", "badPet", "badPost", "lacking"]);
  }, 60_000);

  test("writes JSON Schemas that stand by themselves", async () => {
    const { document } = await runSkill(apiDefine, BLOG);
    const { json_schemas } = await runSkill(apiGenerateModels, { document: String(document) });
    const all = json_schemas as Record<string, object>;
    const post = {
      id: crypto.randomUUID(),
      title: "T",
      state: "draft",
      author_email: "a@example.com",
      created_at: new Date().toISOString(),
    };
    const page = z.fromJSONSchema(all.BlogPostPage as never);
    expect(page.safeParse({ items: [post], next_cursor: null }).error).toBeUndefined();
    expect(page.safeParse({ items: [{ ...post, state: "gone" }], next_cursor: null }).success).toBe(false);
    expect(page.safeParse({ items: [{ title: "T" }], next_cursor: null }).success).toBe(false);
  });

  test("refuses a document without schemas, and what is no document", async () => {
    await expect(runSkill(apiGenerateModels, { document: "openapi: 3.1.0" })).rejects.toThrow("no components.schemas");
    await expect(runSkill(apiGenerateModels, { document: "a: [" })).rejects.toThrow("neither YAML nor JSON");
    await expect(runSkill(apiGenerateModels, { document: "words" })).rejects.toThrow("no OpenAPI document");
  });
});
