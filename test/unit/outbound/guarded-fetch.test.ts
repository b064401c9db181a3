import { describe, expect, it } from "vitest";
import { outboundOf } from "../../../src/compose/environment/outbound.ts";
import type { OutboundRequest } from "../../../src/domain/values/outbound.ts";
import { guardedFetch } from "../../../src/outbound/guarded-fetch.ts";

const DEPLOYED = { anywhere: false, allowed: [] };
const START = "https://example.com/start";
const get = (more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  ...{ method: "GET", url: START, timeoutMs: 30_000, maxBytes: 1_000 },
  ...more,
});

interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly redirect: string | undefined;
}

/** A network of pages by address; what it was asked is in `sent`. */
function network(pages: Readonly<Record<string, () => Response | Promise<Response>>>) {
  const sent: Sent[] = [];
  const fetch = async (url: string, init: RequestInit) => {
    sent.push({ url, headers: init.headers as Sent["headers"], redirect: init.redirect });
    const page = pages[url];
    if (!page) throw new TypeError("connection refused");
    return page();
  };
  return { sent, out: guardedFetch({ reach: DEPLOYED, fetch }) };
}

const to =
  (location: string, status = 302) =>
  () =>
    new Response("moved", { status, headers: { location } });
const page = (text: string) => () => new Response(text, { status: 200, headers: { "X-Kind": "page" } });

describe("a request to an address that a caller named", () => {
  it("is answered with status, headers and body, and the transport follows nothing by itself", async () => {
    const { sent, out } = network({ [START]: page("hello") });
    const answer = await out(get({ headers: { a: "b" } }));
    expect(answer).toEqual({ ok: true, status: 200, headers: expect.any(Map), body: "hello" });
    expect(answer.ok && answer.headers.get("x-kind")).toBe("page");
    expect(sent).toEqual([{ url: START, headers: { a: "b" }, redirect: "manual" }]);
  });

  it("is judged as the deployment is set up: without a mode nothing reaches this machine", async () => {
    const url = "http://127.0.0.1:9/";
    expect(await outboundOf({})(get({ url }))).toMatchObject({ ok: false, kind: "refused" });
    expect(await outboundOf({ ERRAND_ALLOWED_HOSTS: "127.0.0.1" })(get({ url }))).toMatchObject({
      kind: "unreachable",
    });
  });

  it("sends nothing to an address that is refused", async () => {
    const { sent, out } = network({});
    expect(await out(get({ url: "http://127.1/" }))).toMatchObject({ ok: false, kind: "refused" });
    expect(sent).toEqual([]);
  });

  it("follows redirects of a GET, relative ones too, and keeps its headers within one origin", async () => {
    const { sent, out } = network({
      [START]: to("/next"),
      "https://example.com/next": to("//other.example/last", 307),
      "https://other.example/last": page("there"),
    });
    expect(await out(get({ headers: { authorization: "Bearer secret" } }))).toMatchObject({ ok: true, body: "there" });
    expect(sent.map(({ headers }) => headers)).toEqual([
      { authorization: "Bearer secret" },
      { authorization: "Bearer secret" },
      {},
    ]);
  });

  it.each([
    "http://127.0.0.1/",
    "//2130706433/",
    "http://localhost:8080",
    "http://[::ffff:127.0.0.1]/",
    "http://metadata.google.internal/",
    "https://user@example.com/",
    "http://169.254.169.254/latest",
    "file:///etc/passwd",
    "http:127.0.0.1",
    "\\\\127.0.0.1\\x",
    "http://0x7f.1/",
    "http://example.com:6379/",
  ])("refuses to be redirected to %s, after one hop and after two", async (location) => {
    for (const pages of [{ [START]: to(location) }, { [START]: to("/b"), "https://example.com/b": to(location) }]) {
      const { sent, out } = network(pages);
      expect(await out(get())).toMatchObject({
        ok: false,
        kind: "refused",
        detail: expect.stringContaining("redirects"),
      });
      expect(sent).toHaveLength(Object.keys(pages).length);
    }
  });

  it.each([301, 302, 303, 307, 308])("follows no redirect of a POST (%i)", async (status) => {
    const { sent, out } = network({
      [START]: to("https://example.com/next", status),
      "https://example.com/next": page(""),
    });
    expect(await out(get({ method: "POST", body: "{}" }))).toMatchObject({ ok: false, kind: "redirected" });
    expect(sent).toHaveLength(1);
  });

  it("gives a circle of redirects up after five", async () => {
    const { sent, out } = network({ [START]: to(START) });
    expect(await out(get())).toMatchObject({ ok: false, kind: "redirected" });
    expect(sent).toHaveLength(6);
  });

  it("takes a 3xx without a place to go, and one that is no redirect, as an answer", async () => {
    for (const status of [302, 304]) {
      const { out } = network({ [START]: () => new Response(null, { status }) });
      expect(await out(get())).toMatchObject({ ok: true, status });
    }
  });

  it("says that no answer came, without waiting for one", async () => {
    const { out } = network({});
    expect(await out(get())).toMatchObject({
      ok: false,
      kind: "unreachable",
      detail: expect.stringContaining("refused"),
    });
  });
});

describe("what comes back", () => {
  it("is read up to its bound in bytes, and the rest is not taken", async () => {
    let pulled = 0;
    let cancelled = false;
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => {
            pulled += 1;
            controller.enqueue(new Uint8Array(400).fill(120));
          },
          cancel: () => {
            cancelled = true;
          },
        }),
      );
    const { out } = network({ [START]: endless });
    const answer = await out(get());
    expect(answer).toMatchObject({ ok: true, status: 200, cut: "bytes" });
    expect(answer.ok && answer.body.length).toBe(1_000);
    expect(pulled).toBeLessThan(10);
    expect(cancelled).toBe(true);
  });

  it("may be exactly as large as the bound", async () => {
    const { out } = network({ [START]: page("x".repeat(1_000)) });
    const answer = await out(get());
    expect(answer.ok && [answer.body.length, answer.cut]).toEqual([1_000, undefined]);
  });

  it("is not waited for longer than the request says, before the head and in the middle of the body", async () => {
    const never = network({ [START]: () => new Promise<Response>(() => {}) });
    expect(await never.out(get({ timeoutMs: 5 }))).toMatchObject({ ok: false, kind: "timeout" });
    const drip = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("so far")) });
    const slow = network({ [START]: () => new Response(drip) });
    expect(await slow.out(get({ timeoutMs: 5 }))).toMatchObject({ ok: true, body: "so far", cut: "time" });
  });

  it("that breaks off is cut, and no error", async () => {
    const broken = new ReadableStream({
      pull: (controller) => controller.error(new Error("reset")),
    });
    const { out } = network({ [START]: () => new Response(broken) });
    expect(await out(get())).toMatchObject({ ok: true, cut: "broken", body: "" });
  });
});
