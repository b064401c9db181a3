/**
 * The linter as a service on this machine: `POST /lint {document}` answers `{problems}`. It runs beside the Worker, because with
 * it the Worker would be larger than its budget (docs/decisions/2026-11-27-the-linter-runs-beside-the-worker.md).
 */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";

const LONGEST_BODY = 4_194_304;

export interface LintServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts it on 127.0.0.1; port 0 picks a free one. The linter itself is loaded by the first request. */
export async function startLintServer({ port }: { readonly port: number }): Promise<LintServer> {
  const server = createServer((request, response) => {
    answer(request)
      .then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      })
      // It broke off, or was too long.
      .catch(() => response.destroy());
  });
  server.listen({ port, host: "127.0.0.1" });
  await once(server, "listening");
  // An error event without a listener would end the launcher.
  server.on("error", (error) => process.stderr.write(`The linter: ${error.message}\n`));
  const address = server.address();
  const bound = typeof address === "object" && address ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(request: IncomingMessage): Promise<{ readonly status: number; readonly body: object }> {
  if (request.method !== "POST" || request.url !== "/lint") return { status: 404, body: { error: "no such endpoint" } };
  const document = documentIn(await jsonOf(request));
  if (document === undefined) return { status: 400, body: { error: "send JSON with document, a text" } };
  const linter = await import("./lint.ts").catch((error: unknown) => String(error));
  if (typeof linter === "string")
    return { status: 500, body: { error: `@redocly/openapi-core is not installed: ${linter}` } };
  const { lint } = linter;
  try {
    return { status: 200, body: { problems: await lint(document) } };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const problem = { rule: "parse", severity: "error", message, pointer: "#/", line: lineIn(error), column: 1 };
    return { status: 200, body: { problems: [problem] } };
  }
}

/** By hand: this runs in the launcher, which loads no library for it. */
function documentIn(body: unknown): string | undefined {
  const document = typeof body === "object" && body !== null && "document" in body ? body.document : undefined;
  return typeof document === "string" ? document : undefined;
}

/** Where a text that is no YAML stops to be one. */
function lineIn(error: unknown): number {
  const mark = error instanceof Error && "originalError" in error ? error.originalError : undefined;
  const line = typeof mark === "object" && mark !== null && "mark" in mark ? Object(mark.mark).line : undefined;
  return typeof line === "number" ? line + 1 : 1;
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Uint8Array).byteLength;
    if (size > LONGEST_BODY) throw new Error("the body is too long");
    chunks.push(chunk as Uint8Array);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}
