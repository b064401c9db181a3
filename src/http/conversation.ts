import { conversationBody } from "../contract/conversation-body.ts";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { readConversation } from "../operations/conversation.ts";
import { answerJson, answerRefusal } from "./answer.ts";
import type { App } from "./app.ts";
import { idOf } from "./parse.ts";
import { route } from "./route.ts";

export function conversationRoutes(app: App): void {
  route(app, ENDPOINTS.getConversation, async (c) => {
    const conversation = await readConversation(c.get("services").executions, c.get("caller"), idOf(c));
    return conversation.ok
      ? answerJson(c, conversationBody(idOf(c), conversation.value))
      : answerRefusal(c, conversation);
  });
}
