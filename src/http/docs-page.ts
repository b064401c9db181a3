/**
 * The API for people: one page made of the OpenAPI document, with no script and nothing loaded from anywhere. `problem.type`
 * leads here: each fault has its anchor. Knows the form of the document and nothing of the table behind it.
 */
import { html, raw } from "hono/html";
import type { FaultCode } from "../domain/values/fault.ts";
import { FAULTS } from "../domain/values/fault.ts";

type Html = ReturnType<typeof html>;
type Part = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly schema?: unknown;
}
interface Content {
  readonly schema?: unknown;
  readonly example?: unknown;
}
interface Body {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Readonly<Record<string, Content>>;
}
interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly (Parameter & { readonly $ref?: string })[];
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body>>;
}

/** What this page reads of the document. */
export interface Described {
  readonly info: { readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly parameters: Part };
}

export const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0 auto;max-width:60rem;padding:1rem}
code,pre{font:.875rem/1.45 ui-monospace,monospace}
pre{overflow-x:auto;padding:.75rem;border:1px solid #8884;border-radius:.4rem}
details{border-top:1px solid #8884;padding:.5rem 0}
summary{cursor:pointer}
summary b{display:inline-block;min-width:4rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8883}
nav a{margin-right:1rem}
:target{background:#fd08}
`;

export function docsPage(document: Described): string {
  const { info, tags, paths, components } = document;
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Errand API ${info.version}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<h1>Errand API <small>${info.version}</small></h1>
<p>${info.description} The machine's version of this page is <a href="/api/v1/openapi.json">openapi.json</a>.</p>
<nav>${tags.map(({ name }) => html`<a href="#${name}">${name}</a>`)}<a href="#schemas">Schemas</a><a href="#faults">Faults</a></nav>
<h2>Keys</h2>
<p>Send <code>Authorization: Bearer KEY</code> or <code>X-API-Key: KEY</code>. A key has scopes; each call names the one it
needs. Whoever lacks the scope <code>approve</code> sees e-mail addresses and phone numbers masked.</p>
${tags.map((tag) => section(tag, rows))}
<h2 id="schemas">Schemas</h2>
${Object.entries(components.schemas).map(([name, schema]) => schemaDetails(name, schema))}
<h2 id="faults">Faults</h2>
<table><tr><th>code</th><th>status</th><th>what it means, and what to do</th></tr>
${Object.entries(FAULTS).map(([code, fault]) => faultRow(code as FaultCode, fault))}
</table>
</body>
</html>`;
  return String(page);
}

interface Row {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function section({ name, description }: Described["tags"][number], rows: readonly Row[]): Html {
  const own = rows.filter(({ operation }) => operation.tags.includes(name));
  return html`<section><h2 id="${name}">${name}</h2><p>${description}</p>${own.map(operationDetails)}</section>`;
}

function operationDetails({ path, method, operation }: Row): Html {
  const { operationId, summary, security, parameters, requestBody, responses } = operation;
  const scopes = new Set(security.flatMap((way) => Object.values(way).flat()));
  const needs = security.length === 0 ? "open to all" : scopes.size > 0 ? `scope ${[...scopes].join(", ")}` : "signed";
  const own = parameters.filter(({ $ref }) => $ref === undefined);
  return html`<details id="${operationId}">
<summary><b>${method}</b> <code>${path}</code> ${summary}</summary>
<p><small>${operationId} · ${needs}</small></p>
${own.length === 0 ? "" : html`<table><tr><th>name</th><th>in</th><th>what it means</th></tr>${own.map(parameterRow)}</table>`}
${requestBody ? html`<h4>Body</h4>${contents(requestBody)}` : ""}
${Object.entries(responses).map(([status, body]) => answerPart(status, body))}
</details>`;
}

function parameterRow({ name, in: place, description, schema }: Parameter): Html {
  return html`<tr><td><code>${name}</code></td><td>${place}</td><td>${description} <small>${json(schema)}</small></td></tr>`;
}

/** Refusals are named; what they mean stands once, below. */
function answerPart(status: string, { description, content, $ref }: Body): Html {
  if ($ref !== undefined) return html``;
  if (content?.["application/problem+json"]) {
    const codes = (description ?? "").split(", ");
    return html`<p><b>${status}</b> ${codes.map((code) => html`<a href="#${code}">${code}</a> `)}</p>`;
  }
  return html`<h4>${status}: ${description}</h4>${contents({ content: content ?? {} })}`;
}

function contents({ content = {} }: Body): Html[] {
  return Object.entries(content).map(([media, { schema, example }]) => {
    const shown = example === undefined ? "" : html`<pre>${JSON.stringify(example, null, 2)}</pre>`;
    return html`<p><small>${media}: ${schemaLink(schema)}</small></p>${shown}`;
  });
}

function schemaLink(schema: unknown): Html {
  const name = isReference(schema) ? schema.$ref.split("/").at(-1) : undefined;
  if (name !== undefined) return html`<a href="#schema-${name}">${name}</a>`;
  return html`<details><summary>schema</summary><pre>${JSON.stringify(schema, null, 2)}</pre></details>`;
}

function schemaDetails(name: string, schema: unknown): Html {
  return html`<details id="schema-${name}"><summary>${name}</summary><pre>${JSON.stringify(schema, null, 2)}</pre></details>`;
}

function faultRow(code: FaultCode, { status, title, next }: (typeof FAULTS)[FaultCode]): Html {
  return html`<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${title}. ${next}</td></tr>`;
}

function isReference(schema: unknown): schema is { readonly $ref: string } {
  return typeof schema === "object" && schema !== null && "$ref" in schema && typeof schema.$ref === "string";
}

function json(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value);
}
