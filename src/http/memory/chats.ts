/** The socket of a conversation: straight to the object of its thread. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { ChatPath, ChatQuery } from "../../contract/runs/chats.ts";
import { refuse } from "../../domain/values/fault.ts";
import { refusalOf } from "../../operations/stream/watch.ts";
import { route } from "../access/route.ts";
import { answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseQuery, parseValue } from "../requests/parse.ts";

export function chatRoutes(app: App): void {
  route(app, ENDPOINTS.chatSocket, socket);
}

async function socket(c: C): Promise<Response> {
  const { session_id, agent } = c.req.param() as { readonly session_id?: string; readonly agent?: string };
  const path = parseValue({ session_id, agent }, ChatPath);
  if (!path.ok) return answerRefusal(c, path);
  const query = parseQuery(c, ChatQuery);
  if (!query.ok) return answerRefusal(c, query);
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket" || c.req.method !== "GET") {
    const post = `to send one message and read its answer ask POST /api/v1/execute/${path.value.agent}.chat`;
    return answerRefusal(c, refuse("upgrade_required", `this path speaks WebSocket; ${post}`));
  }
  const { after, checks } = query.value;
  const asked = { sessionId: path.value.session_id, agent: path.value.agent, after, asks: checks === "true" };
  const answer = await c.get("services").chats.open(c.get("caller"), asked);
  return answer.status === 101 ? answer : answerRefusal(c, await refusalOf(answer));
}
