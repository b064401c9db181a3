import * as z from "zod";
import { JURISDICTIONS } from "../../domain/execution/jurisdiction.ts";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, V1 } from "../endpoint-parts.ts";
import { NamesQuery } from "../query-values.ts";

/** Where a tenant's rows are to lie from now on. */
export const TenantRequest = z.object({
  registry: z
    .number()
    .int()
    .min(0)
    .max(9_999)
    .describe("The number of the database: 0 is bound as REGISTRY, 1 as REGISTRY_1, and so on."),
});

const TenantBody = z.object({
  tenant: z.string(),
  registry: z.number().int().describe("The database that has this tenant's rows of lists and searches."),
  jurisdiction: z
    .enum(JURISDICTIONS)
    .nullable()
    .describe("Where its objects are made and stay, said by the beginning of its name; null: near its callers."),
  moving_from: z
    .number()
    .int()
    .nullable()
    .describe("While its rows are moved: the database that they come from. Lists are not complete until it is null."),
});
const TenantList = z.object({ items: z.array(TenantBody), next_cursor: z.string().nullable() });

/** Which database has whose rows. For who runs the deployment. */
export const TENANT_ENDPOINTS = {
  listTenants: endpoint({
    id: "listTenants",
    method: "GET",
    path: `${V1}/tenants`,
    tag: "Operations",
    scope: "admin",
    summary: "Tenants with the database of their rows; only one's own, unless one runs the deployment",
    query: NamesQuery,
    answers: { 200: answer("A page, by their names", TenantList) },
    faults: [...entry, "invalid_input"],
  }),
  moveTenant: endpoint({
    id: "moveTenant",
    method: "PUT",
    path: `${V1}/tenants/{tenant_id}`,
    tag: "Operations",
    scope: "admin",
    summary: "Move a tenant's rows to another database while its executions go on; root key only",
    body: TenantRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 202: answer("It is being moved, or lies there already", TenantBody) },
    faults: [...entry, ...body, "not_found"],
  }),
} as const;
