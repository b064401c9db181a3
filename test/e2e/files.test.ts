/** One upload through a real server to a model on a real wire, and out again, across a kill. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formOf, PDF, PNG, text } from "../support/files/samples.ts";
import { startAnthropicServer } from "../support/models/anthropic-server.ts";
import type { WireServer } from "../support/models/wire-server.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const FILES = [
  { name: "note.txt", bytes: text("Grüße\n") },
  { name: "scan.png", bytes: PNG },
  { name: "order.pdf", bytes: PDF },
];

let stateDir: string;
let model: WireServer;
let server: Server;
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-files-"));
  model = await startAnthropicServer();
  const env = { ANTHROPIC_API_KEY: "sk-ant-planned-0123456789", ANTHROPIC_BASE_URL: model.url };
  server = await startServer({ stateDir, env });
});
afterAll(async () => {
  await server?.kill("SIGKILL");
  await model?.close();
  await rm(stateDir, { recursive: true, force: true });
});

interface Body {
  readonly execution_id: string;
  readonly status: string;
  readonly result: { readonly answer: string };
  readonly files: readonly { readonly name: string; readonly url: string }[];
}

const send = (key: string) =>
  fetch(`${server.url}/api/v1/execute/documents.read`, {
    method: "POST",
    body: formOf({ question: "What is in these?" }, FILES),
    headers: { "idempotency-key": key },
  });

test("files reach the model as blocks, can be downloaded, and are still there after a kill", async () => {
  model.plan({ text: ["A greeting, ", "a pixel, an empty page."] });
  const response = await send("files-once");
  const body = (await response.json()) as Body;
  expect([response.status, body.status, body.result.answer]).toEqual([
    200,
    "succeeded",
    "A greeting, a pixel, an empty page.",
  ]);

  const [asked] = model.requests;
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  expect(asked?.body.messages).toEqual([
    {
      role: "user",
      content: [
        { type: "document", title: "note.txt", source: { type: "text", media_type: "text/plain", data: "Grüße\n" } },
        { type: "image", source: { type: "base64", media_type: "image/png", data: base64(PNG) } },
        {
          type: "document",
          title: "order.pdf",
          source: { type: "base64", media_type: "application/pdf", data: base64(PDF) },
        },
        { type: "text", text: "What is in these?" },
      ],
    },
  ]);

  await server.restart();
  const again = (await (await send("files-once")).json()) as Body;
  expect(again.execution_id).toBe(body.execution_id);
  expect(model.requests).toHaveLength(1);
  for (const [index, { url }] of again.files.entries()) {
    const file = await fetch(`${server.url}${url}`);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(new Uint8Array(FILES[index]?.bytes ?? []));
    expect(file.headers.get("content-disposition")).toMatch(/^attachment; /);
  }
});

test("a file that is no text does not start anything, whatever it is called", async () => {
  const form = formOf({}, [{ name: "note.txt", bytes: PNG, type: "text/plain" }]);
  const response = await fetch(`${server.url}/api/v1/execute/documents.read`, { method: "POST", body: form });
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([415, "unsupported_file"]);
});
