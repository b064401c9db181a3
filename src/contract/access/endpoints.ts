import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, read, V1 } from "../endpoint-parts.ts";
import { KeyBody, KeyList, KeyRequest, KeysQuery, NewKeyBody } from "./keys.ts";
import { TokenBody, TokenRequest } from "./tokens.ts";

/** Keys, and the tokens for streams. */
export const ACCESS_ENDPOINTS = {
  createKey: endpoint({
    id: "createKey",
    method: "POST",
    path: `${V1}/keys`,
    tag: "Keys",
    scope: "admin",
    summary: "Make a key; the answer is the only place that ever shows it",
    body: KeyRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 201: answer("The key, shown once", NewKeyBody) },
    faults: [...entry, ...body, "index_full"],
  }),
  listKeys: endpoint({
    id: "listKeys",
    method: "GET",
    path: `${V1}/keys`,
    tag: "Keys",
    scope: "admin",
    summary: "Keys of the tenant, newest first, revoked ones too; never the keys themselves",
    query: KeysQuery,
    answers: { 200: answer("A page", KeyList) },
    faults: [...entry, "invalid_input", "invalid_cursor"],
  }),
  revokeKey: endpoint({
    id: "revokeKey",
    method: "DELETE",
    path: `${V1}/keys/{key_id}`,
    tag: "Keys",
    scope: "admin",
    summary: "Revoke a key, and with it its stream tokens; in force everywhere within 30 seconds",
    answers: { 200: answer("Revoked", KeyBody) },
    faults: read,
  }),
  createToken: endpoint({
    id: "createToken",
    method: "POST",
    path: `${V1}/tokens`,
    tag: "Live",
    scope: "read",
    orScope: "agent",
    summary: "A token of ten minutes for one stream, to be sent as `?token=` or as subprotocol `errand.token.TOKEN`",
    body: TokenRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 201: answer("The token", TokenBody) },
    faults: [...read, ...body],
  }),
} as const;
