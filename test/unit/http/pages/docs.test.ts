import { expect, test } from "vitest";
import type { Endpoint } from "../../../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../../../src/contract/endpoints.ts";
import { openapi } from "../../../../src/docs/openapi.ts";
import { FAULTS } from "../../../../src/domain/values/fault.ts";
import type { Described } from "../../../../src/http/pages/docs-page.ts";
import { docsPage } from "../../../../src/http/pages/docs-page.ts";

const document = openapi("1.2.3") as unknown as Described;
const URL = "http://localhost:8787";
const targets = [
  { target: "a.say", description: "Says it.", takesFiles: false, needsSession: false, input: { text: "it's" } },
  { target: "a.read", description: "Reads.", takesFiles: true, needsSession: false, input: {} },
  { target: "a.chat", description: "Answers.", takesFiles: false, needsSession: true, input: { message: "hi" } },
];
const page = docsPage(document, { url: URL, targets });
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
    else expect(["/api/v1/openapi.json", "/api/v1/agents"]).toContain(href);
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
  const shown = docsPage({ ...document, paths: { [first]: { get: hostile } } }, { url: URL, targets: [] });
  expect(shown).not.toContain("<script");
  expect(shown).toContain("&lt;script&gt;");
});

test("it lists the targets of this server, each with a curl, to readers who may see them", () => {
  const text = page.replaceAll("&#39;", "'").replaceAll("&quot;", '"');
  expect(text).toContain(`curl -s ${URL}/api/v1/execute/a.say -d '{"input":{"text":"it'\\''s"}}'`);
  expect(text).toContain(`curl -s ${URL}/api/v1/execute/a.read -F 'input={}' -F files=@FILE`);
  expect(text).toContain(`curl -s ${URL}/api/v1/execute/a.chat -H 'X-Session-ID: s-1' -d '{"input":{"message":"hi"}}'`);
  const shown = docsPage(document, { url: URL, targets: undefined });
  expect(shown).not.toContain("a.say");
  expect(shown).toContain("with a key of the scope read");
});

test("the anchor of each call is inside of what its link opens", () => {
  for (const { id } of Object.values(ENDPOINTS)) expect(page).toMatch(new RegExp(`</summary>\\s*<p id="${id}">`));
});
