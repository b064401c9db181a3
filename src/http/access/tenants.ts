import { TenantRequest } from "../../contract/access/tenants.ts";
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { NamesQuery } from "../../contract/query-values.ts";
import { jurisdictionOf } from "../../domain/execution/jurisdiction.ts";
import type { TenantPlace } from "../../operations/access/tenants.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody, parseQuery } from "../requests/parse.ts";
import { route } from "./route.ts";

/** Tenants and the databases of their rows. */
export function tenantRoutes(app: App): void {
  route(app, ENDPOINTS.listTenants, list);
  route(app, ENDPOINTS.moveTenant, move);
}

const bodyOf = ({ tenant, registry, movingFrom }: TenantPlace) => ({
  tenant,
  registry,
  jurisdiction: jurisdictionOf(tenant) ?? null,
  moving_from: movingFrom,
});

async function list(c: C): Promise<Response> {
  const query = parseQuery(c, NamesQuery);
  if (!query.ok) return answerRefusal(c, query);
  const { places, nextCursor } = await c.get("services").tenants.list(c.get("holder"), query.value);
  return answerJson(c, { items: places.map(bodyOf), next_cursor: nextCursor });
}

async function move(c: C): Promise<Response> {
  const body = await parseBody(c, TenantRequest);
  if (!body.ok) return answerRefusal(c, body);
  const { tenants } = c.get("services");
  const moved = await tenants.move(c.get("holder"), c.req.param("tenant_id") ?? "", body.value.registry);
  return moved.ok ? answerJson(c, bodyOf(moved.value), { status: 202 }) : answerRefusal(c, moved);
}
