import { usualModel } from "../models/usual.ts";
import type { Beside, Invitation } from "./dev-module.ts";
import type { FirstKey } from "./first-key.ts";
import type { Settings } from "./settings.ts";

/** What a person reads after a start. `first` is there in key mode. */
export interface Greeting {
  readonly url: string;
  readonly settings: Settings;
  readonly first: FirstKey | undefined;
  /** The variables that the Worker has. */
  readonly variables: Readonly<Record<string, string>>;
  readonly invitations: Beside["invitations"];
}

export function banner({ url, settings, first, variables, invitations = [] }: Greeting): string {
  const calls = invitations.map((invitation) => `\n  ${invitation.says}\n    ${curlOf(invitation, { url, first })}`);
  return `
  Errand   ${url}
  docs     ${url}/docs
  agents   ${url}/api/v1/agents
  inbox    ${url}/api/v1/approvals
  access   ${accessOf(settings, first)}
  model    ${modelOf(variables)}
  state    ${settings.stateDir}
${calls.join("")}${calls.length === 0 ? "" : "\n"}`;
}

function curlOf({ path, body }: Invitation, { url, first }: Pick<Greeting, "url" | "first">): string {
  const key = first ? ` -H "Authorization: Bearer ${first.key}"` : "";
  const data = body === undefined ? "" : ` -d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`;
  return `curl -s${key} ${url}${path}${data}`;
}

function accessOf({ passedOn, host }: Settings, first: FirstKey | undefined): string {
  const { ERRAND_ALLOWED_ORIGINS: pages } = passedOn;
  const where = host === "127.0.0.1" ? "this machine only (127.0.0.1)" : `who reaches ${host}`;
  const also = pages ? `; pages of ${pages} too` : "";
  if (!first) return `open: no keys, ${where}${also}`;
  return `keys: ${where}${also}\n  key      ${first.key} (admin; kept in ${first.file})`;
}

/** Who really answers a turn that names no model, and where that is said. Never a key. */
function modelOf(variables: Greeting["variables"]): string {
  const { ANTHROPIC_API_KEY, OPENAI_API_KEY, OPENAI_BASE_URL, ERRAND_MODEL } = variables;
  const { model, provider, reachable } = usualModel({
    anthropicKey: ANTHROPIC_API_KEY,
    openaiKey: OPENAI_API_KEY,
    openaiBaseUrl: OPENAI_BASE_URL,
    defaultModel: ERRAND_MODEL,
  });
  if (provider === "scripted") {
    const unused = ERRAND_MODEL && ERRAND_MODEL !== model ? `; ERRAND_MODEL=${ERRAND_MODEL} needs a key` : "";
    return `scripted, nothing leaves this machine (set ANTHROPIC_API_KEY or OPENAI_API_KEY for a real one${unused})`;
  }
  const named = provider === "anthropic" ? "ANTHROPIC_API_KEY" : OPENAI_API_KEY ? "OPENAI_API_KEY" : "OPENAI_BASE_URL";
  if (!reachable) return `${model}, which cannot be asked: set ${provider === "openai" ? "OPENAI_API_KEY" : named}`;
  return `${model}, real, by ${named}`;
}
