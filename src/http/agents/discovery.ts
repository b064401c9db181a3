import { ENDPOINTS } from "../../contract/endpoints.ts";
import { compactBody, DiscoveryQuery, discoveryBody } from "../../contract/nodes/discovery.ts";
import { discoveryXml } from "../../contract/nodes/discovery-xml.ts";
import { route } from "../access/route.ts";
import { answerJson } from "../answers/answer.ts";
import { answerNodeRefusal } from "../nodes/nodes.ts";
import type { App, C } from "../requests/app.ts";
import { baseUrlOf } from "../requests/asked-from.ts";
import { parseQuery } from "../requests/parse.ts";

export function discoveryRoutes(app: App): void {
  route(app, ENDPOINTS.discoverCapabilities, capabilities);
}

async function capabilities(c: C): Promise<Response> {
  const query = parseQuery(c, DiscoveryQuery);
  // The word that clients of AgentField read.
  if (!query.ok) return answerNodeRefusal(c, query, "invalid_parameter");
  const { discovery } = c.get("services");
  const found = await discovery.capabilities(c.get("caller"), query.value, baseUrlOf(c));
  if (!found.ok) return answerNodeRefusal(c, found);
  switch (query.value.format) {
    case "json":
      return answerJson(c, discoveryBody(found.value));
    case "compact":
      return answerJson(c, compactBody(found.value));
    case "xml":
      return new Response(discoveryXml(found.value), { headers: { "content-type": "application/xml" } });
  }
}
