/** The calls on plans. Which plans a caller sees is decided in operations/plans/plans.ts. */
import * as z from "zod";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, read } from "../endpoint-parts.ts";
import { PlanBody, PlanList, StoredPlanBody, ValidPlanBody } from "./bodies.ts";
import { PlanQuery, PlanRequest, PlansQuery, VersionsQuery } from "./requests.ts";

const PLANS = "/api/plans";
const ONE = `${PLANS}/{plan_id}`;
const sends = { tag: "Plans", scope: "execute", body: PlanRequest, bodyBytes: BODY_BYTES.start } as const;
const reads = { tag: "Plans", scope: "read", method: "GET" } as const;

/** Plans: what agents are to do, task by task. */
export const PLAN_ENDPOINTS = {
  createPlan: endpoint({
    ...sends,
    id: "createPlan",
    method: "POST",
    path: PLANS,
    summary: "Store a plan; under the id of one that is there its next version",
    answers: {
      201: answer("Stored", StoredPlanBody),
      200: answer("Its newest version is this one already", StoredPlanBody),
    },
    faults: [...entry, ...body, "id_taken", "version_conflict", "plans_full", "encryption_key_missing"],
  }),
  validatePlan: endpoint({
    ...sends,
    id: "validatePlan",
    method: "POST",
    path: `${PLANS}/validate`,
    summary: "Say what is wrong with a plan, and store nothing",
    answers: { 200: answer("It can be stored and done", ValidPlanBody) },
    faults: [...entry, ...body],
  }),
  listPlans: endpoint({
    ...reads,
    id: "listPlans",
    path: PLANS,
    summary: "Plans, newest first, each as its newest version is",
    query: PlansQuery,
    answers: { 200: answer("A page", PlanList) },
    faults: [...entry, "invalid_input", "invalid_cursor"],
  }),
  getPlan: endpoint({
    ...reads,
    id: "getPlan",
    path: ONE,
    summary: "A plan with its tasks and subtasks",
    query: PlanQuery,
    answers: { 200: answer("The newest version, or the one that was asked for", PlanBody) },
    faults: [...read, "invalid_input", "encryption_key_missing"],
  }),
  listPlanVersions: endpoint({
    ...reads,
    id: "listPlanVersions",
    path: `${ONE}/versions`,
    summary: "The versions of a plan, newest first",
    query: VersionsQuery,
    answers: { 200: answer("A page", PlanList) },
    faults: [...read, "invalid_input", "invalid_cursor"],
  }),
  deletePlan: endpoint({
    id: "deletePlan",
    method: "DELETE",
    path: ONE,
    tag: "Plans",
    scope: "execute",
    summary: "Remove a plan with all its versions",
    answers: { 204: answer("Removed", z.null()) },
    faults: read,
  }),
} as const;
