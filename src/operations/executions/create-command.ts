/** The command that creates an execution, from a start that was checked. Pure: digests and ids are handed in. */
import type { RunHeaders } from "../../contract/executions/requests.ts";
import { limitsOf } from "../../contract/executions/requests.ts";
import type { BudgetLimits } from "../../domain/execution/budget.ts";
import { tighter } from "../../domain/execution/budget.ts";
import { timeoutMsOf } from "../../domain/execution/child-origin.ts";
import type { CreateCommand, ParsedInput } from "../../domain/execution/command.ts";
import type { Origin } from "../../domain/execution/origin.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import type { StoredFile } from "../../domain/execution/stored-file.ts";
import type { WebhookAsked } from "../../domain/execution/webhook.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import type { Found } from "../target.ts";
import type { StartRequest } from "./start-request.ts";
import { isNamed, namesOurs } from "./start-request.ts";
import type { WebhookPort } from "./webhook-registration.ts";
import { toldApart, webhookOf } from "./webhook-registration.ts";

/** A start that its function takes. */
export interface CheckedStart {
  readonly id: string;
  readonly request: StartRequest;
  readonly found: Found;
  readonly files: readonly StoredFile[];
  readonly parsed: ParsedInput;
  readonly places: Partial<Pick<Origin, "queues" | "priority" | "replay" | "restartedFrom">>;
}

/** What tells starts apart, beside the request itself. */
type Told = Pick<CheckedStart, "files"> & { readonly asked: BudgetLimits; readonly webhook: WebhookAsked };

type Digest = (text: string) => string;

export interface CreateParts {
  readonly digest: Digest;
  readonly newRunId: () => string;
  readonly webhooks: WebhookPort;
}

export function createCommand(
  parts: CreateParts,
  caller: Principal,
  { id, request, found, files, parsed, places }: CheckedStart,
): CreateCommand {
  const { headers } = request;
  const asked: BudgetLimits = limitsOf(request.budget);
  const { tenant, subject: owner } = caller;
  const asking = { asked: request.webhook, caller, origin: { tenant, owner, id } };
  const webhook = webhookOf(parts.webhooks, asking);
  const givenRun = headers["x-run-id"] ?? headers["x-workflow-id"];
  const origin: CreateCommand["origin"] = {
    id,
    tenant,
    owner,
    agent: found.agent,
    fn: found.definition.name,
    kind: found.definition.kind,
    version: found.version,
    runId: givenRun ?? parts.newRunId(),
    owned: false,
    digest: digestOf(parts.digest, request, { asked, files, webhook }),
    ...(isNamed(request) ? { named: true } : {}),
    limits: tighter(asked, found.definition.budget),
    timeoutMs: timeoutMsOf(found.definition.timeoutMs),
    ...places,
    ...(headers["x-parent-execution-id"] === undefined ? {} : { parentId: headers["x-parent-execution-id"] }),
    ...(headers["x-session-id"] === undefined ? {} : { sessionId: headers["x-session-id"] }),
    ...(headers["x-actor-id"] === undefined ? {} : { actorId: headers["x-actor-id"] }),
    ...(request.schedule === undefined ? {} : { scheduleId: request.schedule.id }),
    ...(request.deadlineMs === undefined ? {} : { deadlineMs: request.deadlineMs }),
    ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
    ...(request.baseUrl === undefined ? {} : { baseUrl: request.baseUrl }),
    ...(found.remote === undefined ? {} : { remote: found.remote }),
    ...(found.node === undefined ? {} : { node: found.node }),
    ...(found.builtIn === undefined ? {} : { builtIn: found.builtIn }),
    ...(found.unlogged === undefined ? {} : { unlogged: found.unlogged }),
  };
  return {
    type: "create",
    origin,
    input: request.input,
    parsed,
    ...joining(caller, headers, asked),
    ...webhook,
    ...(request.metadata === undefined ? {} : { metadata: request.metadata }),
    ...(request.attributes === undefined ? {} : { attributes: request.attributes }),
    ...(request.region === undefined ? {} : { region: request.region }),
    ...(request.context === undefined ? {} : { context: request.context }),
  };
}

/** Tells a repetition from another request. Under an id that is new to the world nothing can be repeated. */
function digestOf(digest: Digest, request: StartRequest, { asked, files, webhook }: Told): string {
  const { target, headers, identity: input = request.input } = request;
  const parent = headers["x-parent-execution-id"] ?? null;
  if (!isNamed(request) && parent === null) return "";
  const run = headers["x-run-id"] ?? headers["x-workflow-id"] ?? null;
  const brought = files.length === 0 ? {} : { files: files.map(({ name, digest }) => ({ name, digest })) };
  return digest(canonicalJson({ target, input, limits: asked, run, parent, ...brought, ...toldApart(webhook) }));
}

/** A parent that may be one of ours takes the child on itself; any other name is only an edge in the run. */
function joining(caller: Principal, headers: RunHeaders, asked: BudgetLimits) {
  if (!namesOurs(headers)) return {};
  return { joins: { asked, ...(hasScope(caller, "execute") ? {} : { bound: true as const }) } };
}
