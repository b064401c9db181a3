/** How long ended executions are kept: read and said by a tenant's administrators. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { RetentionRequest, retentionBody } from "../../contract/operator/retention.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody } from "../requests/parse.ts";

export function retentionRoutes(app: App): void {
  route(app, ENDPOINTS.getRetention, read);
  route(app, ENDPOINTS.setRetention, change);
}

async function read(c: C): Promise<Response> {
  const { kept } = c.get("services");
  return answerJson(c, retentionBody(await kept.of(c.get("caller")), kept.usualMs));
}

async function change(c: C): Promise<Response> {
  const body = await parseBody(c, RetentionRequest);
  if (!body.ok) return answerRefusal(c, body);
  const { kept } = c.get("services");
  return answerJson(c, retentionBody(await kept.set(c.get("caller"), body.value), kept.usualMs));
}
