/** Where the caller, or its tenant, is notified that executions wait for a person. */
import * as z from "zod";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, V1 } from "../endpoint-parts.ts";
import { iso } from "../wire.ts";
import { NotificationRequest, NotificationsQuery } from "./requests.ts";

export const NotificationBody = z.object({
  for: z.enum(["own", "tenant"]),
  registered: z.boolean(),
  address: z.string().nullable().describe("Without its query."),
  signed: z.boolean(),
  header_names: z.array(z.string()),
  updated_at: z.iso.datetime().nullable(),
});

const path = `${V1}/notifications`;
const stored = ["encryption_key_missing", "unreadable", "unavailable"] as const;
const faults = [...entry, ...stored, "invalid_input"] as const;

export const NOTIFICATION_ENDPOINTS = {
  getNotifications: endpoint({
    id: "getNotifications",
    method: "GET",
    path,
    tag: "Operations",
    scope: "read",
    orScope: "approve",
    summary: "Where you are notified that an execution of a plan waits for a person",
    query: NotificationsQuery,
    answers: { 200: answer("The address; registered false where there is none", NotificationBody) },
    faults,
  }),
  setNotifications: endpoint({
    id: "setNotifications",
    method: "PUT",
    path,
    tag: "Operations",
    scope: "execute",
    orScope: "approve",
    summary: "Be notified there; an address that was kept before is replaced",
    query: NotificationsQuery,
    body: NotificationRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("The address", NotificationBody) },
    faults: [...faults, ...body, "address_refused"],
  }),
  removeNotifications: endpoint({
    id: "removeNotifications",
    method: "DELETE",
    path,
    tag: "Operations",
    scope: "execute",
    orScope: "approve",
    summary: "Be notified no more",
    query: NotificationsQuery,
    answers: { 204: answer("There is no address any more", z.null()) },
    faults,
  }),
} as const;

/** The address of notifications, as it is shown: no secret, no query of the address, no value of a header. */
export interface NotificationTarget {
  readonly for: "own" | "tenant";
  /** `undefined`: there is none. */
  readonly kept:
    | {
        readonly address: string;
        readonly signed: boolean;
        readonly headerNames: readonly string[];
        readonly updatedAtMs: number;
      }
    | undefined;
}

export function notificationsBody({ for: which, kept }: NotificationTarget): z.infer<typeof NotificationBody> {
  return {
    for: which,
    registered: kept !== undefined,
    address: kept?.address ?? null,
    signed: kept?.signed ?? false,
    header_names: [...(kept?.headerNames ?? [])],
    updated_at: kept ? iso(kept.updatedAtMs) : null,
  };
}
