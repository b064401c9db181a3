/** A caller without a key whose body is signed with the deployment's webhook secret. */
import type { Endpoint } from "../contract/endpoint.ts";
import type { Result } from "../domain/fault.ts";
import { refuse } from "../domain/fault.ts";
import type { KeyHolder } from "../operations/key-ring.ts";
import { SIGNATURE_HEADERS } from "../operations/webhook-signatures.ts";
import type { C } from "./app.ts";

/** A decision is small, and whoever sends it is nobody until its signature was checked. */
const MAX_SIGNED_BYTES = 1_048_576;

/** `undefined` where a signature is not asked for: then a key counts. */
export async function signedHolder(c: C, endpoint: Endpoint): Promise<Result<KeyHolder> | undefined> {
  const signature = SIGNATURE_HEADERS.map((name) => c.req.header(name)).find((value) => value !== undefined);
  const asked = endpoint.scope === "signature" || (endpoint.signature === true && signature !== undefined);
  if (!asked) return undefined;
  const body = await firstBytes(c.req.raw.clone().body);
  if (!body) return refuse("payload_too_large", `a signed body has at most ${MAX_SIGNED_BYTES} bytes`);
  return c.get("services").access.webhooks.holderOf(signature?.trim(), body);
}

/** Of a copy: the route reads the body once more. A body that breaks off fits no signature. */
async function firstBytes(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      size += chunk.byteLength;
      if (size > MAX_SIGNED_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return new Uint8Array();
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
