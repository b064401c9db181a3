/** A caller without a key whose body is signed with the deployment's webhook secret. */
import type { Endpoint } from "../../contract/endpoint.ts";
import type { Result } from "../../domain/values/fault.ts";
import type { KeyHolder } from "../../operations/access/api-key-authenticator.ts";
import { SIGNATURE_HEADERS } from "../../operations/access/webhook-signatures.ts";
import type { C } from "./app.ts";
import { jsonBound, readBytes } from "./body.ts";

/** `undefined` where a signature is not asked for: then a key counts. */
export async function signedHolder(c: C, endpoint: Endpoint): Promise<Result<KeyHolder> | undefined> {
  const signature = SIGNATURE_HEADERS.map((name) => c.req.header(name)).find((value) => value !== undefined);
  const asked = endpoint.scope === "signature" || (endpoint.signature === true && signature !== undefined);
  if (!asked) return undefined;
  // Of a copy: the route reads the body once more.
  const body = await readBytes(c.req.raw.clone(), jsonBound(endpoint));
  if (!body.ok && body.code === "payload_too_large") return body;
  // A body that breaks off fits no signature.
  return c.get("services").access.webhooks.holderOf(signature?.trim(), body.ok ? body.value : new Uint8Array());
}
