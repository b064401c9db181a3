/**
 * The API for people: one page made of the OpenAPI document, with no script and nothing loaded from anywhere. `problem.type`
 * leads here: each fault has its anchor. Knows the form of the document and nothing of the table behind it.
 */
import { html } from "hono/html";
import type { FaultCode } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";

import type { TargetExample } from "../../operations/agents/agents.ts";
import { curlOf, pageOf } from "../answers/page.ts";

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

/** What it shows of this server. */
interface Shown {
  readonly url: string;
  /** Undefined for a reader who may not list them. */
  readonly targets: readonly TargetExample[] | undefined;
}

export function docsPage(document: Described, { url, targets }: Shown): string {
  const { info, tags, paths, components } = document;
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return pageOf(
    `Errand API ${info.version}`,
    html`<h1>Errand API <small>${info.version}</small></h1>
<p>${info.description} The machine's version of this page is <a href="/api/v1/openapi.json">openapi.json</a>.</p>
<nav><a href="#targets">Targets</a>${tags.map(({ name }) => html`<a href="#${name}">${name}</a>`)}<a href="#schemas">Schemas</a><a href="#faults">Faults</a></nav>
<h2>Keys</h2>
<p>Send <code>Authorization: Bearer KEY</code> or <code>X-API-Key: KEY</code>. A key has scopes; each call names the one it
needs. A caller without the scope <code>approve</code> sees e-mail addresses and phone numbers masked.</p>
<h2 id="targets">Targets</h2>
${targetsPart(url, targets)}
${tags.map((tag) => section(tag, rows))}
<h2 id="schemas">Schemas</h2>
${Object.entries(components.schemas).map(([name, schema]) => schemaDetails(name, schema))}
<h2 id="faults">Faults</h2>
<table><tr><th>code</th><th>status</th><th>what it means, and what to do</th></tr>
${Object.entries(FAULTS).map(([code, fault]) => faultRow(code as FaultCode, fault))}
</table>`,
  );
}

function targetsPart(url: string, targets: Shown["targets"]): Html {
  if (!targets)
    return html`<p>This server lists its targets to readers with a key of the scope read:</p>
<pre class="shell">curl -s ${url}/docs -H 'Authorization: Bearer KEY'</pre>`;
  return html`<p>What can be started here, each with an input that fits: <a href="#execute">execute</a> waits for the end,
<a href="#executeAsync">execute/async</a> answers at once, <a href="#getExecution">GET the execution</a> shows how it stands.
Schemas: <a href="/api/v1/agents">agents</a>.</p>
${targets.map((one) => html`<h3><code>${one.target}</code></h3><p>${one.description}</p><pre class="shell">${curlOf(url, one)}</pre>`)}`;
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

/** The anchor is inside of what is closed: a browser that follows a link to it opens it. */
function operationDetails({ path, method, operation }: Row): Html {
  const { operationId, summary, security, parameters, requestBody, responses } = operation;
  const scopes = new Set(security.flatMap((way) => Object.values(way).flat()));
  const needs = security.length === 0 ? "open to all" : scopes.size > 0 ? `scope ${[...scopes].join(", ")}` : "signed";
  const own = parameters.filter(({ $ref }) => $ref === undefined);
  return html`<details>
<summary><b>${method}</b> <code>${path}</code> ${summary}</summary>
<p id="${operationId}"><small>${operationId} · ${needs}</small></p>
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
  return html`<details><summary>${name}</summary><pre id="schema-${name}">${JSON.stringify(schema, null, 2)}</pre></details>`;
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
