/** Lists in bodies: the length is looked at before any item, or a body of millions that do not fit would become as many errors. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { KeyRequest } from "../../../src/contract/access/keys.ts";
import { ENDPOINTS } from "../../../src/contract/endpoints.ts";
import { BatchRequest } from "../../../src/contract/executions/batch.ts";
import { NoteRequest, SignalsRequest } from "../../../src/contract/executions/requests.ts";
import { BulkStatusRequest, RegisterRequest } from "../../../src/contract/nodes/requests.ts";

describe("every list that a body may hold", () => {
  const long = Array.from({ length: 100_000 }, () => ({}));
  it.each<[string, z.ZodType, string]>([
    ["batch-status", BatchRequest, "execution_ids"],
    ["signals", SignalsRequest, "signals"],
    ["notes", NoteRequest, "tags"],
    ["keys", KeyRequest, "scopes"],
    ["vector/set", ENDPOINTS.setVector.body ?? z.never(), "embedding"],
    ["vector/search", ENDPOINTS.searchVectors.body ?? z.never(), "query_embedding"],
    ["nodes/status/bulk", BulkStatusRequest, "node_ids"],
    ["a registration: reasoners", RegisterRequest, "reasoners"],
    ["a registration: skills", RegisterRequest, "skills"],
    ["a registration: tags", RegisterRequest, "tags"],
    ["plans", ENDPOINTS.createPlan.body ?? z.never(), "tasks"],
    ["the phases of plans", ENDPOINTS.createPlan.body ?? z.never(), "phases"],
    ["decompose", ENDPOINTS.decomposeTask.body ?? z.never(), "agent_capabilities"],
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
      "bulkNodeStatus.node_ids",
      "changePollingAgent.capabilities",
      "createKey.scopes",
      "createPlan.tasks",
      "putExperiment.versions",
      "putVector.embedding",
      "registerAgent.capabilities",
      "reportLogs.entries",
      "requestApproval.approvers",
      "requestApprovalOfAgent.approvers",
      "searchVectors.query_embedding",
      "setVector.embedding",
      "signals.signals",
      "validatePlan.tasks",
    ]);
  });
});
