import { describe, expect, it } from "vitest";
import { reachOf } from "../../../src/compose/environment/outbound.ts";
import { judgeUrl, parseAllowedHosts } from "../../../src/outbound/judge-url.ts";
import { address, REACHED, REFUSED } from "../../support/outbound/addresses.ts";

const DEPLOYED = { anywhere: false, allowed: [] };
const LAPTOP = { anywhere: true, allowed: [] };

describe("addresses of callers, on a deployment", () => {
  it("are judged by a table of more than 200 rows", () => {
    expect(REFUSED.length + REACHED.length).toBeGreaterThan(200);
    expect(new Set([...REFUSED, ...REACHED]).size).toBe(REFUSED.length + REACHED.length);
  });

  it.each(REFUSED)("refuses %j", (row) => {
    const judged = judgeUrl(address(row), DEPLOYED);
    expect(judged).toMatchObject({
      ok: false,
      code: "address_refused",
      detail: expect.stringMatching(/^(must|names)/),
    });
  });

  it.each(REACHED)("reaches %j", (row) => {
    expect(judgeUrl(address(row), DEPLOYED)).toMatchObject({ ok: true });
  });
});

describe("addresses of callers, on a laptop in open mode", () => {
  it.each([
    "127.0.0.1:8001",
    "localhost:9",
    "10.0.0.1",
    "[::1]:8080",
    "host.docker.internal",
    "169.254.169.254",
    "agent",
  ])("reaches %s", (row) => {
    expect(judgeUrl(address(row), LAPTOP)).toMatchObject({ ok: true });
  });

  it.each(["http://user@localhost", "ftp://localhost", "http://local host", "http:localhost", "file:///etc/passwd"])(
    "still refuses %s",
    (row) => {
      expect(judgeUrl(row, LAPTOP)).toMatchObject({ ok: false });
    },
  );
});

describe("hosts that an operator allows", () => {
  const reach = { anywhere: false, allowed: parseAllowedHosts(" Agents.Corp, *.pool.internal 10.0.0.7,[::1], *, *. ") };

  it.each(["agents.corp", "AGENTS.corp.", "a.pool.internal:9000", "10.0.0.7", "167772167", "a.b.pool.internal"])(
    "are reached: %s",
    (row) => expect(judgeUrl(`http://${row}`, reach)).toMatchObject({ ok: true }),
  );

  it.each([
    "b.agents.corp",
    "pool.internal",
    "xpool.internal",
    "10.0.0.8",
    "127.0.0.1",
    "localhost",
    "user@agents.corp",
  ])("are no others: %s", (row) => expect(judgeUrl(`http://${row}`, reach)).toMatchObject({ ok: false }));
});

it("the mode of the deployment says how far it reaches: a missing mode is a deployment", () => {
  expect(reachOf({ AUTH_MODE: "open" })).toEqual({ anywhere: true, allowed: [] });
  for (const mode of [{}, { AUTH_MODE: "keys" }, { AUTH_MODE: "Open" }, { AUTH_MODE: "" }])
    expect(reachOf({ ...mode, ERRAND_ALLOWED_HOSTS: "a.corp" })).toEqual({ anywhere: false, allowed: ["a.corp"] });
});
