/** Files that come with a start, in workerd with a real bucket: in, to the model, out again, and gone after 48 hours. */
import {
  applyD1Migrations,
  createExecutionContext,
  createScheduledController,
  evictAllDurableObjects,
  listDurableObjectIds,
  runDurableObjectAlarm,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import { FILE_RETENTION_MS } from "../../src/domain/execution/stored-file.ts";
import type { Env } from "../../src/worker.ts";
import worker from "../../src/worker.ts";
import type { Part } from "../support/files/samples.ts";
import { formOf, JPG, PDF, PNG, text } from "../support/files/samples.ts";
import { Deployment } from "../support/workers/deployment.ts";

const PATH = "/api/v1/execute/documents.read";
const QUESTION = { question: "What is this?" };
const NOTE: Part = { name: "note.txt", bytes: text("Grüße aus Köln\n") };

interface Listed {
  readonly name: string;
  readonly media_type: string;
  readonly size: number;
  readonly url: string;
  readonly expires_at: string;
  readonly expired: boolean;
}
interface Body {
  readonly [field: string]: unknown;
  readonly execution_id: string;
  readonly status: string;
  readonly files: readonly Listed[];
}
interface Got {
  readonly status: number;
  readonly body: Body;
}

async function send(body: BodyInit, { path = PATH, headers = {}, bindings = env as Env } = {}): Promise<Got> {
  const request = new Request(`http://localhost${path}`, { method: "POST", body, headers });
  const response = await worker.fetch(request, bindings, createExecutionContext());
  return { status: response.status, body: await response.json() };
}

const fetchLocal = (path: string) =>
  Promise.resolve(worker.fetch(new Request(`http://localhost${path}`), env as Env, createExecutionContext()));
const bodyOf = async (id: string): Promise<Body> => (await fetchLocal(`/api/v1/executions/${id}`)).json();
const keys = async () => (await env.FILES.list()).objects.map(({ key }) => key);
const objects = async () => (await listDurableObjectIds(env.EXECUTIONS)).length;
const first = ({ files }: Body): Listed => files[0] ?? expect.fail("there are no files");

beforeAll(() => applyD1Migrations(env.REGISTRY, inject("migrations")));
beforeEach(async () => {
  const left = await keys();
  if (left.length > 0) await env.FILES.delete(left);
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a start with files", () => {
  test("gives them to the program and lists them with links that download them", async () => {
    const parts: Part[] = [
      NOTE,
      { name: "a.pdf", bytes: PDF },
      { name: "b.jpg", bytes: JPG },
      { name: "c.png", bytes: PNG },
    ];
    const { status, body } = await send(formOf(QUESTION, parts));
    expect([status, body.status]).toEqual([200, "succeeded"]);
    const types = ["text/plain", "application/pdf", "image/jpeg", "image/png"];
    const expected = parts.map(({ name, bytes }, at) => ({ name, media_type: types[at], size: bytes.length }));
    expect(body.result).toMatchObject({ simulated: true, files: expected });
    expect(body.files).toMatchObject(expected.map((file) => ({ ...file, expired: false })));
    for (const [at, { url, name }] of body.files.entries()) {
      const response = await fetchLocal(url);
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(parts[at]?.bytes);
      expect(response.headers.get("content-type")).toBe(at === 0 ? "text/plain; charset=utf-8" : types[at]);
      expect(response.headers.get("content-disposition")).toBe(
        `attachment; filename="${name}"; filename*=UTF-8''${name}`,
      );
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  test("is accepted asynchronously all the same, and the envelope's other fields travel beside the input", async () => {
    const form = formOf(QUESTION, [NOTE], {
      id: "form-7",
      metadata: '{"order":7}',
      budget: '{"max_turns":1}',
      deadline: "2999-01-01T00:00:00Z",
    });
    const { status, body } = await send(form, { path: "/api/v1/execute/async/documents.read" });
    expect(status).toBe(202);
    await expect.poll(() => bodyOf(body.execution_id)).toMatchObject({ status: "succeeded", metadata: { order: 7 } });
  });

  test("stores them sealed, and keeps their names out of the bucket", async () => {
    await send(formOf(QUESTION, [NOTE]));
    const [key = ""] = await keys();
    const stored = new Uint8Array(await ((await env.FILES.get(key)) ?? expect.fail("nothing is stored")).arrayBuffer());
    const readable = new TextDecoder("latin1").decode(NOTE.bytes);
    expect(stored.length).toBeGreaterThan(NOTE.bytes.length);
    expect(new TextDecoder("latin1").decode(stored)).not.toContain(readable.slice(0, 4));
    expect(key).not.toContain("note");
  });

  test("takes the input from a part with a file name too, as curl sends input=@file", async () => {
    const form = formOf(undefined, [NOTE]);
    form.set("input", new File([JSON.stringify(QUESTION)], "input.json", { type: "application/json" }));
    expect((await send(form)).body.status).toBe("succeeded");
  });

  test("gives strange names safe ones, and equal names different ones", async () => {
    const names = ["../../etc/passwd.txt", "a.txt", "a.txt", "報告.txt", 'x";y.txt'];
    const { body } = await send(
      formOf(
        QUESTION,
        names.map((name) => ({ ...NOTE, name })),
      ),
    );
    expect(body.files.map(({ name }) => name)).toEqual([
      "passwd.txt",
      "a.txt",
      "a-2.txt",
      "報告.txt",
      expect.stringMatching(/^x.*y\.txt$/),
    ]);
    for (const { url } of body.files) expect((await fetchLocal(url)).status).toBe(200);
    const report = await fetchLocal(body.files[3]?.url ?? "");
    expect(report.headers.get("content-disposition")).toBe(
      `attachment; filename="__.txt"; filename*=UTF-8''${encodeURIComponent("報告.txt")}`,
    );
    const id = body.execution_id;
    for (const path of ["..%2f..%2fsecret", "%2e%2e", "passwd.txt%00", "PASSWD.TXT"])
      expect([path, (await fetchLocal(`/api/v1/executions/${id}/files/${path}`)).status]).toEqual([path, 404]);
  });

  test("of ten megabytes each reaches the model", async () => {
    const bytes = text("x".repeat(10 * 1_048_576));
    const { body } = await send(formOf(QUESTION, [{ name: "big.txt", bytes }]));
    expect([body.status, first(body).size]).toEqual(["succeeded", 10_485_760]);
  });

  test("without files is refused by the program that needs one, and has no list of files", async () => {
    const { body } = await send(JSON.stringify({ input: QUESTION }));
    expect([body.status, body.failure_code, body.files]).toEqual(["failed", "no_files", undefined]);
  });
});

describe("a form that does not fit is refused before anything exists", () => {
  const raw = (body: string, type: string) => ({ body, headers: { "content-type": type } });
  const big = text("x".repeat(10 * 1_048_576 + 1));
  const extra = (name: string, value: string | File) => {
    const form = formOf(QUESTION, [NOTE]);
    form.append(name, value);
    return form;
  };
  const plain = (name: string, bytes: Uint8Array<ArrayBuffer>) => formOf(QUESTION, [{ name, bytes }]);
  const cases: readonly [
    string,
    () => BodyInit | { body: string; headers: Record<string, string> },
    number,
    string,
    string,
  ][] = [
    [
      "input that is no JSON",
      () => formOf(undefined, [NOTE], { input: "{question" }),
      400,
      "invalid_input",
      "input: is not JSON",
    ],
    ["input that is no object", () => formOf(7, [NOTE]), 400, "invalid_input", "input"],
    ["input with an unknown key", () => formOf({ q: 1 }, [NOTE]), 400, "invalid_input", "input.q"],
    ["input twice", () => extra("input", "{}"), 400, "invalid_input", "input: was sent twice"],
    ["metadata that is no JSON", () => extra("metadata", "yes!"), 400, "invalid_input", "metadata: is not JSON"],
    ["a text in files", () => extra("files", "note"), 400, "invalid_input", "files.1: is a text"],
    [
      "a file in another field",
      () => extra("file", new File(["x"], "a.txt")),
      400,
      "invalid_input",
      'taken in the field "files"',
    ],
    [
      "six files where five are taken",
      () =>
        formOf(
          QUESTION,
          Array.from({ length: 6 }, () => NOTE),
        ),
      400,
      "invalid_input",
      "at most 5",
    ],
    ["an empty file", () => plain("a.txt", text("")), 400, "invalid_input", "is empty"],
    ["a file whose name is all path", () => plain("../..", text("x")), 400, "invalid_input", "no usable name"],
    [
      "an extension that nobody takes",
      () => plain("a.svg", text("<svg/>")),
      415,
      "unsupported_file",
      ".txt, .pdf, .jpg, .png",
    ],
    [
      "a picture that is a program",
      () => plain("a.png", new Uint8Array([0x4d, 0x5a, 0x90, 0])),
      415,
      "unsupported_file",
      "a.png",
    ],
    ["a PDF that is a picture", () => plain("a.pdf", PNG), 415, "unsupported_file", "that of a .png"],
    ["a file that is too large", () => plain("a.txt", big), 413, "payload_too_large", "10485760"],
    [
      "more than 32 MiB in all",
      () =>
        formOf(
          QUESTION,
          Array.from({ length: 4 }, () => ({ name: "a.txt", bytes: big })),
        ),
      413,
      "payload_too_large",
      "32 MiB",
    ],
    ["no boundary", () => raw("--x\r\n", "multipart/form-data"), 400, "invalid_form", "no boundary"],
    [
      "another boundary than announced",
      () => raw("--x\r\n\r\n--x--", "multipart/form-data; boundary=y"),
      400,
      "invalid_form",
      "does not parse",
    ],
    [
      "a form that is cut",
      () => raw('--x\r\ncontent-disposition: form-data; name="input"\r\n\r\n{', "multipart/form-data; boundary=x"),
      400,
      "invalid_form",
      "does not parse",
    ],
    [
      "another multipart",
      () => raw("--x--", "multipart/mixed; boundary=x"),
      415,
      "unsupported_media_type",
      "multipart/mixed",
    ],
  ];

  test.each(cases)("%s", async (...[, make, status, code, words]) => {
    const before = await objects();
    const made = make();
    const { body, headers } = typeof made === "object" && "headers" in made ? made : { body: made, headers: {} };
    const got = await send(body, { headers });
    expect([got.status, got.body.code]).toEqual([status, code]);
    expect(got.body.detail).toContain(words);
    expect([await keys(), await objects()]).toEqual([[], before]);
  });

  test("files for a function that takes none", async () => {
    const before = await objects();
    const { status, body } = await send(formOf({ message: "tea", seconds: 0 }, [NOTE]), {
      path: "/api/v1/execute/clock.remind",
    });
    expect([status, body.code]).toEqual([415, "unsupported_media_type"]);
    expect(body.detail).toContain("clock.remind takes no files");
    expect([await keys(), await objects()]).toEqual([[], before]);
  });

  test("a form of unknown length is refused at its limit, and read no further than any refused request", async () => {
    let sent = 0;
    const chunk = new Uint8Array(1_048_576).fill(0x61);
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1;
        controller.enqueue(chunk);
      },
    });
    const got = await send(endless, { headers: { "content-type": "multipart/form-data; boundary=x" } });
    expect([got.status, got.body.code]).toEqual([413, "payload_too_large"]);
    // 32 MiB of a form, 64 MiB behind a refusal, and what lies on the way.
    expect(sent).toBeLessThan(104);
  });

  test("a form without files is a start like any other", async () => {
    const { body } = await send(formOf({ message: "tea", seconds: 0 }, []), { path: "/api/v1/execute/clock.remind" });
    expect([body.status, body.files]).toEqual(["succeeded", undefined]);
  });
});

describe("an idempotency key", () => {
  const again = (key: string, parts: readonly Part[]) =>
    send(formOf(QUESTION, parts), { headers: { "idempotency-key": key } });

  test("with the same files is the same execution, and what the repetition brought is not kept", async () => {
    const one = await again("files-1", [NOTE]);
    const two = await again("files-1", [NOTE]);
    expect(two.body.execution_id).toBe(one.body.execution_id);
    expect(await keys()).toHaveLength(1);
    expect((await fetchLocal(first(one.body).url)).status).toBe(200);
  });

  test("with other files is refused, and the first ones stay as they were", async () => {
    const one = await again("files-2", [NOTE]);
    for (const parts of [[{ ...NOTE, bytes: text("other") }], [{ ...NOTE, name: "b.txt" }], [NOTE, NOTE], []]) {
      const { status, body } = await again("files-2", parts);
      expect([status, body.code]).toEqual([422, "idempotency_mismatch"]);
    }
    expect(await keys()).toHaveLength(1);
    expect(await (await fetchLocal(first(one.body).url)).text()).toBe("Grüße aus Köln\n");
  });
});

describe("48 hours later", () => {
  const later = (ms: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
  const actor = (id: string) => env.EXECUTIONS.get(env.EXECUTIONS.idFromString(parseExecutionId(id)?.objectHex ?? ""));

  test.each([["awake"], ["evicted"]])("its files are removed and their links say so: %s", async (mode) => {
    const { body } = await send(formOf(QUESTION, [NOTE, { name: "c.png", bytes: PNG }]));
    later(FILE_RETENTION_MS - 60_000);
    if (mode === "evicted") await evictAllDurableObjects();
    await runDurableObjectAlarm(actor(body.execution_id));
    expect([await keys(), (await bodyOf(body.execution_id)).files[0]?.expired]).toEqual([
      expect.objectContaining({ length: 2 }),
      false,
    ]);
    vi.useRealTimers();
    later(FILE_RETENTION_MS + 1_000);
    if (mode === "evicted") await evictAllDurableObjects();
    await runDurableObjectAlarm(actor(body.execution_id));
    await expect.poll(keys).toEqual([]);
    const { files, status } = await bodyOf(body.execution_id);
    expect([status, files.map(({ expired }) => expired)]).toEqual(["succeeded", [true, true]]);
    const gone = await fetchLocal(first(body).url);
    expect([gone.status, await gone.json()]).toEqual([
      410,
      expect.objectContaining({ code: "file_expired", detail: expect.stringContaining("48 hours") }),
    ]);
    const { items } = await (await fetchLocal(`/api/v1/executions/${body.execution_id}/invariants`)).json<{
      items: { verdict: string }[];
    }>();
    expect(items.filter(({ verdict }) => verdict === "violated")).toEqual([]);
  });
});

describe("a start that breaks off between the upload and the acceptance", () => {
  /** The Worker's own process dies with the call; nobody removes anything. */
  const crashing = (): Env => {
    const gone = () => Promise.reject(new Error("the process died"));
    const stub = { start: gone };
    return {
      ...(env as Env),
      EXECUTIONS: new Proxy(env.EXECUTIONS, {
        get: (target, name) => (name === "get" ? () => stub : Reflect.get(target, name).bind(target)),
      }),
    };
  };
  const sweep = (scheduledTime: number) =>
    worker.scheduled(
      createScheduledController({ scheduledTime: new Date(scheduledTime), cron: "* * * * *" }),
      env as Env,
    );

  test("leaves objects that the sweeper removes once no execution can name them", async () => {
    expect((await send(formOf(QUESTION, [NOTE]), { bindings: crashing() })).status).toBe(500);
    expect(await keys()).toHaveLength(1);
    await sweep(Date.now() + FILE_RETENTION_MS);
    expect(await keys()).toHaveLength(1);
    await sweep(Date.now() + FILE_RETENTION_MS + 2 * 3_600_000);
    expect(await keys()).toEqual([]);
  });

  test("says 503 and starts nothing when the bucket cannot be reached", async () => {
    const before = await objects();
    const FILES = new Proxy(env.FILES, {
      get: (target, name) =>
        name === "put" ? () => Promise.reject(new Error("away")) : Reflect.get(target, name).bind(target),
    });
    const { status, body } = await send(formOf(QUESTION, [NOTE]), { bindings: { ...(env as Env), FILES } });
    expect([status, body.code]).toEqual([503, "unavailable"]);
    expect(await objects()).toBe(before);
  });
});

describe("somebody else", () => {
  const server = new Deployment();

  test("hears that there is no such file", async () => {
    const make = (subject: string, tenant: string, scopes: readonly ("admin" | "execute" | "read")[]) =>
      server.newKey({ subject, tenant, scopes }).then(({ key }) => key);
    const olga = await make("olga", "files-a", ["execute", "read"]);
    const response = await server.fetch("POST", PATH, { key: olga, form: formOf(QUESTION, [NOTE]) });
    const { url } = first(await response.json<Body>());
    const status = async (key: string | undefined) => (await server.fetch("GET", url, { key })).status;
    expect(await status(olga)).toBe(200);
    expect(await status(await make("ada", "files-a", ["admin"]))).toBe(200);
    expect(await status(await make("ivan", "files-a", ["execute", "read"]))).toBe(404);
    expect(await status(await make("olga", "files-b", ["admin"]))).toBe(404);
    expect(await status(await make("olga", "files-a", ["execute"]))).toBe(403);
    expect(await status(undefined)).toBe(401);
  });
});
