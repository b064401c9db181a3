import { describe, expect, it } from "vitest";
import { z } from "zod";
import { BatchRequest } from "../../../src/contract/batch.ts";
import { ENDPOINTS } from "../../../src/contract/endpoints.ts";
import { KeyRequest } from "../../../src/contract/keys.ts";
import { NoteRequest, SignalsRequest } from "../../../src/contract/requests.ts";
import { boundedList } from "../../../src/domain/bounded-list.ts";

describe("a list with a most", () => {
  it("that is longer is one issue, and none of its items is looked at", () => {
    let looked = 0;
    const item = z.unknown().refine(() => {
      looked += 1;
      return false;
    }, "never fits");
    const parsed = boundedList(item, { max: 3 }).safeParse(Array.from({ length: 100_000 }, () => 1));
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual(["has 100000 items, and at most 3 are taken"]);
    expect(looked).toBe(0);
  });

  it("that is not takes what a list takes, and says what a list says", () => {
    const list = boundedList(z.string(), { min: 1, max: 2 });
    expect(list.parse(["a", "b"])).toEqual(["a", "b"]);
    expect(list.safeParse([]).success).toBe(false);
    expect(list.safeParse("ab").success).toBe(false);
    expect(list.safeParse(["a", 1]).error?.issues[0]?.path).toEqual([1]);
    expect(z.toJSONSchema(list, { io: "input" })).toMatchObject({ type: "array", minItems: 1, maxItems: 2 });
  });
});

describe("every list that a body may hold", () => {
  const long = Array.from({ length: 100_000 }, () => ({}));
  it.each<[string, z.ZodType, string]>([
    ["batch-status", BatchRequest, "execution_ids"],
    ["signals", SignalsRequest, "signals"],
    ["notes", NoteRequest, "tags"],
    ["keys", KeyRequest, "scopes"],
    ["request-approval", ENDPOINTS.requestApproval.body ?? z.never(), "approvers"],
  ])("is bounded before its items: %s", (_name, schema, field) => {
    const { issues = [] } = schema.safeParse({ [field]: long }).error ?? {};
    expect(issues.filter(({ path }) => path[0] === field)).toHaveLength(1);
  });

  it("is one of these: a new one is added here", () => {
    const lists = Object.values(ENDPOINTS).flatMap(({ id, body }: { id: string; body?: z.ZodType }) => {
      if (!body) return [];
      const { properties = {} } = z.toJSONSchema(body, { io: "input", unrepresentable: "any" });
      const ofLists = Object.entries(properties).filter(
        ([, field]) => typeof field === "object" && field.type === "array",
      );
      return ofLists.map(([name]) => `${id}.${name}`);
    });
    expect(lists.sort()).toEqual([
      "addNote.tags",
      "batchStatus.execution_ids",
      "createKey.scopes",
      "requestApproval.approvers",
      "signals.signals",
    ]);
  });
});
