import { TokenRequest } from "../../contract/access/tokens.ts";
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { iso } from "../../contract/wire.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody } from "../requests/parse.ts";
import { signToken } from "../requests/stream-token.ts";
import { route } from "./route.ts";

/** Tokens for streams. */
export function tokenRoutes(app: App): void {
  route(app, ENDPOINTS.createToken, create);
}

async function create(c: C): Promise<Response> {
  const body = await parseBody(c, TokenRequest);
  if (!body.ok) return answerRefusal(c, body);
  const { streamTokens, tokenSecret } = c.get("services").access;
  const grant = await streamTokens.grant(c.get("holder"), body.value);
  if (!grant.ok) return answerRefusal(c, grant);
  const token = await signToken(grant.value, await tokenSecret());
  return answerJson(c, { token, expires_at: iso(grant.value.expiresAtMs) }, { status: 201 });
}
