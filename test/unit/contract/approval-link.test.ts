import { expect, it } from "vitest";
import { approvalLink } from "../../../src/contract/approvals/link.ts";
import { faultOfWebUrl } from "../../../src/domain/values/web-url.ts";

const gate = { gateId: "claim 7" };

it("is the address that came with the approval, whatever this server serves", () => {
  const requestUrl = "https://reviews.example.com/7";
  expect(approvalLink({ ...gate, requestUrl }, "https://errand.test")).toBe(requestUrl);
  expect(approvalLink({ ...gate, requestUrl }, undefined)).toBe(requestUrl);
});

it("is else absolute, and absent without a place to reach it", () => {
  expect(approvalLink(gate, "https://errand.test")).toBe("https://errand.test/ui/approvals/claim%207");
  expect(approvalLink(gate, undefined)).toBeUndefined();
});

it.each([
  ["https://x.example/a?b=c@d#e@f", undefined],
  ["http://localhost:8787", undefined],
  ["https://bob@x.example/", "user name"],
  ["https://bob:secret@x.example/", "user name"],
  ["https://x.example\\@evil.example/", "absolute"],
  ["/ui/approvals/7", "absolute"],
  ["//x.example/", "absolute"],
  ["javascript:alert(1)", "absolute"],
  ["https://x.example/ a", "absolute"],
  [`https://x.example/${"a".repeat(2_048)}`, "2048"],
])("%s: %s", (text, fault) => {
  if (fault === undefined) expect(faultOfWebUrl(text)).toBeUndefined();
  else expect(faultOfWebUrl(text)).toContain(fault);
});
