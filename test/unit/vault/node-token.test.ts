/** What nodes of a tenant are sent to know this deployment by. */
import { expect, test } from "vitest";
import { nodeToken } from "../../../src/vault/digest.ts";

test("each tenant's nodes hear a secret of their own, from which no other follows; the operator's hear the configured one", () => {
  const tokens = ["default", "acme", "rival"].map((tenant) => nodeToken("s3cret", tenant));
  expect(tokens[0]).toBe("s3cret");
  expect(new Set(tokens).size).toBe(3);
  for (const token of tokens.slice(1)) expect(token).toMatch(/^[\da-f]{64}$/);
  // printf acme | openssl dgst -sha256 -hmac s3cret
  expect(nodeToken("s3cret", "acme")).toBe("5559b01469a0a9390f4a595c2f0dc139f7ac0dd1e4ff7e7437385ce4f3e6e83e");
  expect(nodeToken(undefined, "acme")).toBeUndefined();
});
