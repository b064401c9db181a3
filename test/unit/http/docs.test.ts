import { expect, test } from "vitest";
import type { Endpoint } from "../../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../../src/contract/endpoints.ts";
import { openapi } from "../../../src/docs/openapi.ts";
import { FAULTS } from "../../../src/domain/values/fault.ts";
import type { Described } from "../../../src/http/docs-page.ts";
import { docsPage } from "../../../src/http/docs-page.ts";

const document = openapi("1.2.3") as unknown as Described;
const page = docsPage(document);
const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);

test("the page shows every call and every fault, each where an address can point to it", () => {
  const rows = Object.values(ENDPOINTS) as readonly Endpoint[];
  expect(ids).toEqual(expect.arrayContaining(rows.map(({ id }) => id)));
  expect(ids).toEqual(expect.arrayContaining(Object.keys(FAULTS)));
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, summary } of rows) {
    expect(page).toContain(`<code>${path}</code>`);
    expect(page).toContain(summary.replaceAll("'", "&#39;").replaceAll('"', "&quot;"));
  }
});

test("its links lead to itself and to the document", () => {
  const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, href]) => href ?? "");
  expect(links.length).toBeGreaterThan(100);
  for (const href of new Set(links)) {
    if (href.startsWith("#")) expect(ids).toContain(href.slice(1));
    else expect(href).toBe("/api/v1/openapi.json");
  }
});

test("it runs nothing and loads nothing", () => {
  expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\son\w+=|\sstyle=|javascript:/i);
});

test("what the document says is text, never markup", () => {
  const [first = ""] = Object.keys(document.paths);
  const { get } = document.paths[first] ?? {};
  if (!get) throw new Error("the first path is no GET");
  const hostile = { ...get, summary: "</summary><script>alert(1)</script>" };
  const shown = docsPage({ ...document, paths: { [first]: { get: hostile } } });
  expect(shown).not.toContain("<script");
  expect(shown).toContain("&lt;script&gt;");
});
