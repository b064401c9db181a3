/** Bulk operations: a count, or an execution that touches what a filter finds. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { BulkHeaders, BulkRequest } from "../../contract/operator/bulk.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import { answerAccepted } from "../executions/executions.ts";
import type { App, C } from "../requests/app.ts";
import { askedFrom } from "../requests/asked-from.ts";
import { parseBody, parseHeaders } from "../requests/parse.ts";

export function bulkRoutes(app: App): void {
  route(app, ENDPOINTS.bulk, bulk);
}

async function bulk(c: C): Promise<Response> {
  const headers = parseHeaders(c, BulkHeaders);
  if (!headers.ok) return answerRefusal(c, headers);
  const body = await parseBody(c, BulkRequest);
  if (!body.ok) return answerRefusal(c, body);
  const { bulk: operation } = c.get("services");
  const caller = c.get("caller");
  if (body.value.dry_run) {
    const { matched, more, shown } = await operation.count(caller, body.value);
    const { action } = body.value;
    return answerJson(c, { dry_run: true, action, matched, more, execution_ids: shown });
  }
  const idempotencyKey = headers.value["idempotency-key"];
  const started = await operation.start(caller, { request: body.value, idempotencyKey, ...askedFrom(c) });
  return started.ok ? answerAccepted(c, started.value) : answerRefusal(c, started);
}
