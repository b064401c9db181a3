/**
 * What travels with an upgrade request, which carries no RPC arguments: one header, that only the router can set. Its text is
 * percent-encoded: how a platform writes characters outside of Latin-1 into a header does not matter then.
 */
import * as z from "zod";
import { KeyInForce, Scope } from "../../domain/execution/principal.ts";

const HEADER = "x-errand-subscription";

/** The caller of an upgrade request. */
export const CarriedCaller = z.object({
  tenant: z.string(),
  subject: z.string(),
  scopes: z.array(Scope),
  masked: z.boolean().optional(),
  expiresAtMs: z.number().optional(),
  key: KeyInForce.optional(),
});

/** An upgrade request to an object, with what it is to be told. */
export function upgradeWith(url: string, subscription: object): Request {
  const text = encodeURIComponent(JSON.stringify(subscription));
  return new Request(url, { headers: { upgrade: "websocket", [HEADER]: text } });
}

/** The subscription of an upgrade request. Throws where the header is not there, or is no such subscription. */
export function carriedBy<T>(request: Request, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(decodeURIComponent(request.headers.get(HEADER) ?? "null")));
}
