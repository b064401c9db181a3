/** Stream tokens as JWT (HS256), and the two places of an upgrade request where a browser can put one. */
import { sign, verify } from "hono/jwt";
import * as z from "zod";
import { Scope } from "../../domain/execution/principal.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { StreamGrant } from "../../operations/access/tokens.ts";
import { expiredToken } from "../../operations/access/tokens.ts";
import type { C } from "./app.ts";

const AUDIENCE = "errand.stream";
const PROTOCOL = "errand.token.";

const Claims = z.object({
  aud: z.literal(AUDIENCE),
  tenant: z.string(),
  sub: z.string(),
  scopes: z.array(Scope),
  masked: z.literal(true).optional(),
  execution: z.string().optional(),
  chat: z.object({ sessionId: z.string(), agent: z.string() }).optional(),
  key: z.string().optional(),
  exp: z.number().int(),
});

export function signToken(grant: StreamGrant, secret: string): Promise<string> {
  const { tenant, subject, scopes, masked, stream, keyHash, expiresAtMs } = grant;
  const claims: z.infer<typeof Claims> = {
    aud: AUDIENCE,
    tenant,
    sub: subject,
    scopes: [...scopes],
    ...(masked ? { masked } : {}),
    ...(stream.executionId === undefined ? {} : { execution: stream.executionId }),
    ...(stream.chat ? { chat: stream.chat } : {}),
    ...(keyHash === undefined ? {} : { key: keyHash }),
    exp: expiresAtMs / 1_000,
  };
  return sign(claims, secret, "HS256");
}

export async function verifyToken(token: string, secret: string): Promise<Result<StreamGrant>> {
  try {
    const claims = Claims.parse(await verify(token, secret, { alg: "HS256", aud: AUDIENCE }));
    const { tenant, sub: subject, scopes, masked = false, execution: executionId, chat, key: keyHash, exp } = claims;
    return accept({
      tenant,
      subject,
      scopes,
      masked,
      stream: { executionId, chat },
      keyHash,
      expiresAtMs: exp * 1_000,
    });
  } catch (error) {
    const expired = error instanceof Error && error.name === "JwtTokenExpired";
    return expired ? expiredToken() : refuse("unauthorized", "this token is none that was made here");
  }
}

/** `?token=`, or the subprotocol `errand.token.TOKEN`. */
export function sentToken(c: C): string | undefined {
  const offered = protocols(c).find((protocol) => protocol.startsWith(PROTOCOL));
  return c.req.query("token") ?? offered?.slice(PROTOCOL.length);
}

/** A browser drops a socket whose server chose none of the subprotocols it offered. */
export function chosenProtocol(c: C): string | undefined {
  const offered = protocols(c);
  return offered.find((protocol) => !protocol.startsWith(PROTOCOL)) ?? offered[0];
}

function protocols(c: C): string[] {
  const header = c.req.header("sec-websocket-protocol") ?? "";
  return header
    .split(",")
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== "");
}
