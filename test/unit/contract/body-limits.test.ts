/** Each call's body has a limit of its own, in the table and in its description. */
import { describe, expect, test } from "vitest";
import { inBytes } from "../../../src/contract/body-limits.ts";
import type { Endpoint } from "../../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../../src/contract/endpoints.ts";
import { openapi } from "../../../src/docs/openapi.ts";

const MIB = 1_048_576;
const rows = Object.values(ENDPOINTS) as readonly Endpoint[];
const byId = new Map(rows.map((row) => [row.id, row]));
const paths = openapi("1.2.3").paths as Record<string, Record<string, { requestBody?: { description: string } }>>;

describe("the limit of a body", () => {
  test.each(rows.map((row) => [row.id, row] as const))("is said by the table and the description: %s", (_id, row) => {
    const described = paths[row.path]?.[row.method.toLowerCase()]?.requestBody?.description;
    expect(row.bodyBytes === undefined).toBe(row.body === undefined);
    expect(row.formBytes === undefined).toBe(row.form === undefined);
    if (row.bodyBytes !== undefined) expect(described).toContain(inBytes(row.bodyBytes));
    if (row.formBytes !== undefined) expect(described).toContain(inBytes(row.formBytes));
  });

  test.each([
    ["execute", 2 * MIB],
    ["executeAsync", 2 * MIB],
    ["callReasoner", 2 * MIB],
    ["callSkill", 2 * MIB],
    ["restart", 2 * MIB],
    ["signals", 8 * MIB],
    ["batchStatus", 8 * MIB],
    ["cancel", MIB / 4],
  ])("of %s is %i bytes", (id, bytes) => {
    expect(byId.get(id)?.bodyBytes).toBe(bytes);
  });

  test("is written in the unit that people read", () => {
    expect([inBytes(MIB / 4), inBytes(8 * MIB)]).toEqual(["262144 bytes (256 KiB)", "8388608 bytes (8 MiB)"]);
  });
});
