/**
 * Who calls, and may they: every row of the endpoint table is bound behind `admit`, and nothing else is served.
 *
 * - A key that was sent is checked in open mode too: a valid one narrows its caller to its tenant and subject, a bad
 *   one is 401. Without a key, open mode (only the launcher of a laptop sets it) is the one local user.
 * - Any web page can reach localhost, under any name that its DNS gives: open mode checks Host and Origin first.
 * - A missing scope is 403 and names it. Another tenant's or user's thing is 404: the client of the actors says so.
 * - An answer is masked for each caller that does not see personal data: here, so that no route can forget it.
 * - Without its encryption keys in order a deployment serves no caller: it could neither read nor store anything.
 */
import type { MiddlewareHandler } from "hono";
import type { Endpoint } from "../../contract/endpoint.ts";
import { scopesOf } from "../../contract/endpoint.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope, Scope } from "../../domain/execution/principal.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { KeyHolder } from "../../operations/access/api-key-authenticator.ts";
import { keyInForce } from "../../operations/access/leave.ts";
import { refusalOfQuota } from "../../operations/access/rate-limit.ts";
import type { StreamNamed } from "../../operations/access/tokens.ts";
import { answerRefusal } from "../answers/answer.ts";
import { maskAnswer } from "../answers/masked-answer.ts";
import type { C, Vars } from "../requests/app.ts";
import { signedHolder } from "../requests/signed.ts";
import { chosenProtocol, sentToken, verifyToken } from "../requests/stream-token.ts";
import { quotaHeaders } from "./quota-headers.ts";

const LOCAL_USER: KeyHolder = {
  caller: { tenant: "local", subject: "local", scopes: Scope.options },
  operator: true,
};
/** Where the URL of a request begins; the port is any. */
const LOCAL = /^[a-z][a-z\d+.-]*:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:\/|$)/;

type Middleware = MiddlewareHandler<{ Variables: Vars }>;

export const guardOpenMode: Middleware = async function guardOpenMode(c, next) {
  const { mode, origins } = c.get("services");
  if (mode !== "open") return next();
  if (!isLocal(c.req.raw)) {
    return answerRefusal(
      c,
      refuse("forbidden_origin", "open mode answers only this machine: the Host header is another's"),
    );
  }
  const origin = c.req.header("origin");
  if (origin === undefined || origins.has(origin) || isOwn(origin, c.req.url)) return next();
  const ours = "open mode answers only its own pages and those of ERRAND_ALLOWED_ORIGINS";
  return answerRefusal(c, refuse("forbidden_origin", `${ours}: the Origin header is another's`));
};

export function authorize(endpoint: Endpoint): Middleware {
  const { scope } = endpoint;
  if (scope === "open") return openTo(endpoint);
  return async function authorizePrincipal(c, next) {
    note(c, endpoint);
    const holder = await authenticate(c, endpoint);
    if (!holder.ok) return answerEntry(c, holder);
    c.set("holder", holder.value);
    c.set("caller", holder.value.caller);
    const { headers, spent } = await counted(c, holder.value);
    if (spent) return answerRefusal(c, spent, headers);
    const lacking = lackingScope(endpoint, holder.value.caller);
    if (lacking) return answerRefusal(c, lacking, headers);
    const { encryption } = c.get("services");
    if (!encryption.ok) return answerRefusal(c, encryption, headers);
    await next();
    await holdBack(c);
    await maskAnswer(c);
    return finish(c, headers);
  };
}

/** An answer that took longer than its key is believed is its caller's only if the key is in force still. */
async function holdBack(c: C): Promise<void> {
  const { leaveParts } = c.get("services").access;
  const key = await keyInForce(leaveParts, c.get("caller"));
  if (key.ok) return;
  await c.res.body?.cancel();
  // Hono copies the headers of the answer that stands into one that is set over it.
  c.res = undefined;
  c.res = answerEntry(c, key);
}

function lackingScope(endpoint: Endpoint, caller: Principal): Refusal | undefined {
  if (endpoint.scope === "signature" || endpoint.scope === "open") return undefined;
  const scopes = scopesOf(endpoint);
  if (scopes.some((scope) => hasScope(caller, scope))) return undefined;
  const named = scopes.map((scope) => `"${scope}"`).join(" or ");
  return refuse("forbidden_scope", `this call needs the scope ${named}`);
}

function openTo(endpoint: Endpoint): Middleware {
  return (c, next) => {
    note(c, endpoint);
    return next();
  };
}

/** For the log and the headers of the answer. */
function note(c: C, endpoint: Endpoint): void {
  const [executionId, runId, target] = [c.req.param("id"), c.req.param("run_id"), c.req.param("target")];
  c.set("asked", { endpoint, executionId, runId, target });
}

/**
 * Answers where nothing is served: an unauthenticated caller does not learn even that, and a key's request counts, so that
 * looking for paths costs what any other call costs. `answer` makes the 404 or the 405.
 */
export async function answerNotServed(c: C, answer: (c: C) => Response): Promise<Response> {
  const holder = await authenticate(c);
  if (!holder.ok) return answerEntry(c, holder);
  const { headers, spent } = await counted(c, holder.value);
  if (spent) return answerRefusal(c, spent, headers);
  const result = answer(c);
  for (const [name, value] of Object.entries(headers)) result.headers.set(name, value);
  return result;
}

/**
 * Returns whether the caller has a key with `scope`; for endpoints that answer every caller. A caller that has spent its
 * limit counts as unauthenticated here; the request counts in any case.
 */
export async function hasKeyFor(c: C, scope: Scope): Promise<boolean> {
  return (await callerFor(c, scope)) !== undefined;
}

/** Who sends the key, if it carries the scope; on a route that is open. */
export async function callerFor(c: C, scope: Scope): Promise<Principal | undefined> {
  const holder = await authenticate(c);
  if (!holder.ok) return undefined;
  const { caller } = holder.value;
  const { spent } = await counted(c, holder.value);
  return spent === undefined && hasScope(caller, scope) ? caller : undefined;
}

/** Counts one request of this key: what its answer says of that, and the refusal when it is one too many. */
async function counted(
  c: C,
  holder: KeyHolder,
): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly spent: Refusal | undefined }> {
  const quota = await c.get("services").access.rateLimit.count(holder);
  return { headers: quota ? quotaHeaders(quota) : {}, spent: refusalOfQuota(quota) };
}

async function authenticate(c: C, endpoint?: Endpoint): Promise<Result<KeyHolder>> {
  const { access, mode } = c.get("services");
  const signed = endpoint && (await signedHolder(c, endpoint));
  if (signed) return signed;
  const secret = sentKey(c);
  if (!secret.ok) return secret;
  if (secret.value !== undefined) return access.authenticator.holderOf(secret.value);
  if (mode === "open") return accept(LOCAL_USER);
  const isStream = endpoint !== undefined && opensStream(c, endpoint);
  // Clients that open streams from a URL alone; anywhere else a key in a URL is none.
  const written = isStream ? c.req.query("api_key") : undefined;
  if (written !== undefined) return access.authenticator.holderOf(written);
  const token = isStream ? sentToken(c) : undefined;
  return token === undefined ? refuse("unauthorized", await access.authenticator.noKey()) : holderOfToken(c, token);
}

function sentKey(c: C): Result<string | undefined> {
  const plain = c.req.header("x-api-key");
  const authorization = c.req.header("authorization");
  if (authorization === undefined) return accept(plain);
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer === undefined) return refuse("unauthorized", "Authorization is not of the form: Bearer KEY");
  if (plain === undefined || plain === bearer) return accept(bearer);
  return refuse("unauthorized", "Authorization and X-API-Key conflict: they carry different keys; send one of them");
}

function opensStream(c: C, { token }: Endpoint): boolean {
  return token === "websocket" || (token === "event-stream" && !!c.req.header("accept")?.includes("text/event-stream"));
}

async function holderOfToken(c: C, token: string): Promise<Result<KeyHolder>> {
  const { streamTokens, tokenSecret } = c.get("services").access;
  const grant = await verifyToken(token, await tokenSecret());
  return grant.ok ? streamTokens.holderFor(grant.value, streamNamed(c)) : grant;
}

/** What the path of a stream names. */
function streamNamed(c: C): StreamNamed {
  const [sessionId, agent] = [c.req.param("session_id"), c.req.param("agent")];
  const chat = sessionId === undefined || agent === undefined ? undefined : { sessionId, agent };
  return { executionId: c.req.param("id"), chat };
}

function answerEntry(c: C, refusal: Refusal): Response {
  return answerRefusal(c, refusal, refusal.code === "unauthorized" ? { "www-authenticate": "Bearer" } : {});
}

/** What the entry adds to an answer. A switched protocol has immutable headers: that answer is made anew. */
function finish(c: C, headers: Readonly<Record<string, string>>): undefined {
  if (c.res.status !== 101) {
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
    return undefined;
  }
  const protocol = chosenProtocol(c);
  if (protocol === undefined) return undefined;
  const { webSocket } = c.res;
  c.res = new Response(null, { status: 101, webSocket, headers: { "sec-websocket-protocol": protocol } });
  return undefined;
}

/**
 * The Host header becomes the host of `request.url`; a request without one has no name of ours. A server before ours may put
 * another URL in its place (Miniflare's entry believes `MF-Original-URL`), but the header is still what the browser sent.
 */
function isLocal(request: Request): boolean {
  const host = request.headers.get("host");
  return LOCAL.test(request.url) && (host === null || LOCAL.test(`http://${host}/`));
}

/** Our own page, under any name of this machine. */
function isOwn(origin: string, url: string): boolean {
  if (!LOCAL.test(origin)) return false;
  const [page, ours] = [new URL(origin), new URL(url)];
  return page.protocol === ours.protocol && page.port === ours.port;
}
