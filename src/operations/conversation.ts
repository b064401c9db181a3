import type { Caller } from "../domain/caller.ts";
import type { ConversationView } from "../domain/conversation-view.ts";
import { conversationOf } from "../domain/conversation-view.ts";
import type { Result } from "../domain/fault.ts";
import { accept } from "../domain/fault.ts";
import type { Executions } from "./executions.ts";

/** Read out of the log; who may not see the execution has no conversation to see. */
export async function readConversation(
  executions: Executions,
  caller: Caller,
  id: string,
): Promise<Result<ConversationView>> {
  const log = await executions.log(caller, id);
  return log.ok ? accept(conversationOf(log.value.events)) : log;
}
