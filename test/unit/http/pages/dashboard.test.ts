import { Hono } from "hono";
import { expect, test } from "vitest";
import { dashboardAtHome, serveDashboard } from "../../../../src/http/pages/dashboard.ts";
import type { Services, Vars } from "../../../../src/http/requests/app.ts";

type Pages = Services["pages"];

/** Only the pages, and `/` for a browser. */
function appWith(pages: Pages) {
  const app = new Hono<{ Variables: Vars }>();
  app.use("*", async (c, next) => {
    c.set("services", { pages, logs: () => false, log: () => {} } as unknown as Services);
    c.set("requestId", "req_1");
    await next();
  });
  app.use("*", serveDashboard);
  app.get("/", async (c) => (await dashboardAtHome(c, "<p>words</p>")) ?? c.text("plain"));
  app.all("*", (c) => c.text("API"));
  return app;
}

const built: Pages = async (path) =>
  path === "/ui/" || path === "/ui/assets/a.js"
    ? new Response(path === "/ui/" ? "<html><noscript></noscript></html>" : "code")
    : new Response("no", { status: 404 });

test.each(["/ui", "/ui/", "/ui/executions/exec_1", "/ui/approvals/gate%201"])("%s is the document", async (path) => {
  const answer = await appWith(built).request(path);
  expect([answer.status, await answer.text()]).toEqual([200, "<html><noscript></noscript></html>"]);
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe");
  expect(answer.headers.get("cache-control")).toBe("no-cache");
});

test("files are kept for ever; one that is not there is a 404, not the document", async () => {
  const file = await appWith(built).request("/ui/assets/a.js");
  expect([await file.text(), file.headers.get("cache-control")]).toEqual([
    "code",
    "public, max-age=31536000, immutable",
  ]);
  expect((await appWith(built).request("/ui/assets/b.js")).status).toBe(404);
});

test.each([
  ["/uix", "GET"],
  ["/api/v1/executions", "GET"],
  ["/ui/executions", "POST"],
])("%s by %s is none of its pages", async (path, method) => {
  expect(await (await appWith(built).request(path, { method })).text()).toBe("API");
});

test("a Worker without assets says what to add, one that was not built how to build, and both have a plain first page", async () => {
  const none = await appWith(undefined).request("/ui/");
  expect([none.status, await none.text()]).toEqual([404, expect.stringContaining("[assets]")]);
  const unbuilt = appWith(async () => new Response("no", { status: 404 }));
  expect(await (await unbuilt.request("/ui/")).text()).toContain("not built");
  expect(await (await appWith(undefined).request("/")).text()).toBe("plain");
  expect(await (await unbuilt.request("/")).text()).toBe("plain");
});

test("a browser that asks for / gets the document, with words for one that runs no scripts", async () => {
  expect(await (await appWith(built).request("/")).text()).toBe("<html><noscript><p>words</p></noscript></html>");
});
