/** What a key may make of itself, in every dimension that a key has. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyRequest } from "../../../../src/contract/access/keys.ts";
import { SYSTEM_SUBJECTS } from "../../../../src/domain/execution/key.ts";
import { Scope } from "../../../../src/domain/execution/principal.ts";
import type { KeyHolder } from "../../../../src/operations/access/api-key-authenticator.ts";
import { madeBy } from "../../../../src/operations/access/minting.ts";

type Request = Parameters<typeof madeBy>[1];
const request = (fields: Partial<Request> = {}): Request => ({ name: "n", scopes: ["read"], ...fields });

function holder({
  masked = false,
  perMin = 0,
  scopes = ["admin"] as readonly Scope[],
  operator = false,
} = {}): KeyHolder {
  return {
    caller: { tenant: "acme", subject: "ada", scopes, ...(masked ? { masked } : {}) },
    ...(operator ? {} : { keyHash: "h" }),
    ...(perMin > 0 ? { rateLimitPerMin: perMin } : {}),
    operator,
  };
}

describe("a key made by a key", () => {
  test("is of its tenant, of any of its users, and as free as it is", () => {
    expect(madeBy(holder(), request({ subject: "olga" }))).toEqual({
      ok: true,
      value: { tenant: "acme", subject: "olga", scopes: ["read"], rateLimitPerMin: null, drawsOn: [], masked: false },
    });
    expect(madeBy(holder(), request())).toMatchObject({ value: { subject: "ada" } });
  });

  test("of a limited one is limited: by as much unless it asks for less, and never more", () => {
    const limited = holder({ perMin: 10 });
    const drawsOn = [{ hash: "h", perMin: 10 }];
    expect(madeBy(limited, request())).toMatchObject({ value: { rateLimitPerMin: 10, drawsOn } });
    expect(madeBy(limited, request({ rate_limit_per_min: 3 }))).toMatchObject({
      value: { rateLimitPerMin: 3, drawsOn },
    });
    const refused = madeBy(limited, request({ rate_limit_per_min: 11 }));
    expect(refused).toMatchObject({ ok: false, code: "invalid_input", errors: [{ path: "rate_limit_per_min" }] });
    expect(refused).toMatchObject({ detail: expect.stringContaining("10 requests a minute") });
  });

  test("counts towards every limit above it", () => {
    const middle: KeyHolder = { ...holder({ perMin: 5 }), drawsOn: [{ hash: "top", perMin: 10 }] };
    const all = [
      { hash: "top", perMin: 10 },
      { hash: "h", perMin: 5 },
    ];
    expect(madeBy(middle, request())).toMatchObject({ value: { rateLimitPerMin: 5, drawsOn: all } });
    // The one in the middle has no limit of its own: what is above it holds all the same.
    const free: KeyHolder = { ...holder(), drawsOn: [{ hash: "top", perMin: 10 }] };
    expect(madeBy(free, request())).toMatchObject({ value: { drawsOn: [{ hash: "top", perMin: 10 }] } });
  });

  test("of a masked one is masked", () => {
    const masked = holder({ masked: true });
    expect(madeBy(masked, request())).toMatchObject({ value: { masked: true } });
    expect(madeBy(masked, request({ masked: false }))).toMatchObject({ ok: false, errors: [{ path: "masked" }] });
    expect(madeBy(holder(), request({ masked: true }))).toMatchObject({ value: { masked: true } });
  });

  test("is of another tenant only where the operator makes it", () => {
    expect(madeBy(holder(), request({ tenant: "rival" }))).toMatchObject({ ok: false, errors: [{ path: "tenant" }] });
    expect(madeBy(holder({ operator: true }), request({ tenant: "rival" }))).toMatchObject({
      value: { tenant: "rival" },
    });
  });

  test.each([...SYSTEM_SUBJECTS])("never acts as %s", (subject) => {
    expect(madeBy(holder(), request({ subject }))).toMatchObject({ ok: false, errors: [{ path: "subject" }] });
  });

  test("has no scope that its maker has not", () => {
    fc.assert(
      fc.property(fc.subarray(Scope.options), fc.subarray(Scope.options, { minLength: 1 }), (held, wanted) => {
        const made = madeBy(holder({ scopes: held }), request({ scopes: wanted }));
        const may = held.includes("admin") || wanted.every((scope) => held.includes(scope));
        expect(made.ok).toBe(may);
        if (!made.ok) expect(made.errors?.[0]?.path).toBe("scopes");
      }),
    );
  });

  test("has no field that this test does not know of", () => {
    // A new property of keys needs its own rule above.
    expect(Object.keys(KeyRequest.shape).sort()).toEqual(
      ["masked", "name", "rate_limit_per_min", "scopes", "subject", "tenant"].sort(),
    );
  });
});

test("the subject of a polling agent is given by its registration alone", () => {
  const refused = madeBy(holder(), request({ subject: "agent:billing" }));
  expect(refused).toMatchObject({ ok: false, errors: [{ path: "subject" }] });
  expect(refused).toMatchObject({ detail: expect.stringContaining("POST /api/agents/register") });
});
