/**
 * The webhook that a start or a restart asks for. What does not fit is no refusal of the start: its answer says why the
 * webhook is not registered, and so does the execution from then on.
 */
import { WebhookRequest } from "../../contract/webhooks/request.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Webhook, WebhookAsked, WebhookSecrets } from "../../domain/execution/webhook.ts";
import { ALWAYS_TOLD } from "../../domain/execution/webhook.ts";
import { readsExceptions } from "../../domain/values/exceptions.ts";
import type { Result } from "../../domain/values/fault.ts";
import { inOneLine, issueWords } from "../../domain/values/field-errors.ts";

/** A path may hold a name of the caller's, of any length. */
const MOST_ERROR_CHARACTERS = 1_000;

export interface WebhookPort {
  /** Whether this deployment reaches an address. */
  judge(url: string): Result<URL>;
  /** Seals what a delivery needs; only deliveries of this execution open it. */
  seal(of: { readonly tenant: string; readonly id: string }, secrets: WebhookSecrets): string;
}

export interface Registering {
  /** What stands in the field `webhook`. */
  readonly asked: unknown;
  readonly caller: Principal;
  readonly origin: { readonly tenant: string; readonly id: string; readonly owner: string };
}

export function webhookOf(port: WebhookPort, { asked, caller, origin }: Registering): WebhookAsked {
  if (asked === undefined || asked === null) return {};
  const unfit = notTheirs(caller, origin.owner);
  if (unfit !== undefined) return { webhookError: `webhook: ${unfit}` };
  const parsed = WebhookRequest.safeParse(asked, { error: issueWords });
  if (!parsed.success)
    return { webhookError: inOneLine(parsed.error.issues.map(fieldOf), "webhook").slice(0, MOST_ERROR_CHARACTERS) };
  const { url, events, headers, secret } = parsed.data;
  const judged = port.judge(url);
  if (!judged.ok) return { webhookError: `webhook.url: ${judged.detail}` };
  const sent = { url, headers: headers ?? {}, ...(secret ? { secret } : {}) };
  const { origin: server, pathname, search } = judged.value;
  const webhook: Webhook = {
    address: `${server}${pathname}${search === "" ? "" : "?…"}`,
    events: [...new Set([...ALWAYS_TOLD, ...(events ?? [])])],
    signed: sent.secret !== undefined,
    headerNames: Object.keys(sent.headers),
    sealed: port.seal(origin, sent),
  };
  return { webhook };
}

/** For the digest that tells a repetition of a start from another one: what is sealed is sealed anew each time. */
export function toldApart(asked: WebhookAsked): { webhook?: Omit<Webhook, "sealed"> } {
  if (!("webhook" in asked)) return {};
  const { sealed: _sealed, ...rest } = asked.webhook;
  return { webhook: rest };
}

/** A delivery carries what the owner reads, also when another subject registers the webhook: so that is refused. */
function notTheirs(caller: Principal, owner: string): string | undefined {
  if (caller.masked === true)
    return "this key reads personal data in its masked form only, and deliveries carry it as it is: register with another key";
  if (readsExceptions(caller, owner)) return undefined;
  return `deliveries carry what ${owner} reads, who owns the execution: register with a key of that subject`;
}

function fieldOf(issue: {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly issues?: unknown;
}) {
  const path = ["webhook", ...issue.path.map(String)].join(".");
  const [inner] = Array.isArray(issue.issues) ? (issue.issues as { readonly message: string }[]) : [];
  return { path, message: inner?.message ?? issue.message };
}
