import { unreachable } from "../values/json.ts";
import type { NotifiedEvent, WebhookEvent } from "./webhook.ts";

/** What leaves an execution. `seq` names the event that holds the content, so that nothing is stored twice. */
export type OutboxEntry =
  | { readonly to: "registry"; readonly seq: number }
  | { readonly to: "approval"; readonly openedSeq: number; readonly seq: number }
  | { readonly to: "child"; readonly verb: "start"; readonly childId: string; readonly seq: number }
  | { readonly to: "child"; readonly verb: "cancel"; readonly childId: string; readonly seq: number }
  | { readonly to: "parent"; readonly verb: "finished"; readonly seq: number }
  | { readonly to: "parent"; readonly verb: "waiting"; readonly waiting: boolean; readonly seq: number }
  | { readonly to: "files"; readonly verb: "remove"; readonly what: "uploads" | "result"; readonly seq: number }
  /** `notBeforeMs`: it could not be reached before. */
  | {
      readonly to: "node";
      readonly verb: "start";
      readonly key: string;
      readonly seq: number;
      readonly notBeforeMs?: number;
    }
  | { readonly to: "node"; readonly verb: "cancel"; readonly key: string; readonly seq: number }
  | { readonly to: "successor"; readonly id: string; readonly seq: number }
  /** `queue`: its place in `origin.queues`. What is asked of its limiter is read off the state when it leaves. */
  | { readonly to: "limiter"; readonly queue: number; readonly seq: number }
  /** Agents that poll are told what there is to do. */
  | { readonly to: "offers"; readonly seq: number }
  /** Its owner, at the address that they keep for all of theirs. */
  | { readonly to: "notification"; readonly event: NotifiedEvent; readonly seq: number }
  | { readonly to: "webhook"; readonly event: WebhookEvent; readonly seq: number }
  | { readonly to: "callback"; readonly openedSeq: number; readonly seq: number };

/** One row an id: a newer message of the same id replaces the older one. */
export function messageId(message: OutboxEntry): string {
  switch (message.to) {
    case "registry":
    case "offers":
      return message.to;
    case "approval":
      return `approval:${message.openedSeq}`;
    case "files":
      return `files:${message.verb}:${message.what}`;
    case "successor":
      return `successor:${message.id}`;
    case "limiter":
      return `limiter:${message.queue}`;
    case "child":
      return `child:${message.verb}:${message.childId}`;
    case "node":
      return `node:${message.verb}:${message.key}`;
    case "webhook":
      return `webhook:${message.seq}`;
    case "notification":
      return `notification:${message.seq}`;
    case "callback":
      return `callback:${message.openedSeq}`;
    case "parent":
      return `parent:${message.verb}`;
  }
  return unreachable(message);
}
