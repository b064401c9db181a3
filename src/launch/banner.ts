import { usualModel } from "../models/usual.ts";
import type { FirstKey } from "./first-key.ts";
import type { Settings } from "./settings.ts";

/** What a person reads after `npm start`. `first` is there in key mode. */
export function banner(url: string, settings: Settings, first: FirstKey | undefined): string {
  const curl = first ? `curl -s -H "Authorization: Bearer ${first.key}"` : "curl -s";
  return `
  Errand   ${url}
  access   ${accessOf(settings, first)}
  model    ${modelOf(settings.passedOn)}
  state    ${settings.stateDir}

  An execution that is done when the call returns:
    ${curl} ${url}/api/v1/execute/support-agent.analyze_sentiment -d '{"input":{"message":"This is the third time I am calling!"}}'
  One that sleeps, and survives whatever happens to this server meanwhile:
    ${curl} ${url}/api/v1/execute/async/clock.remind -d '{"input":{"message":"Tea is ready","seconds":20}}'
  What became of it (put its execution_id in the place of ID):
    ${curl} ${url}/api/v1/executions/ID
`;
}

function accessOf({ passedOn }: Settings, first: FirstKey | undefined): string {
  const { ERRAND_ALLOWED_ORIGINS: pages } = passedOn;
  const also = pages ? `; pages of ${pages} too` : "";
  if (!first) return `open: no keys, this machine only (127.0.0.1)${also}`;
  return `keys: this machine only (127.0.0.1)${also}\n  key      ${first.key} (admin; kept in ${first.file})`;
}

/** Who really answers a turn that names no model, and where that is said. Never a key. */
function modelOf(passedOn: Settings["passedOn"]): string {
  const { ANTHROPIC_API_KEY, OPENAI_API_KEY, OPENAI_BASE_URL, ERRAND_MODEL } = passedOn;
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
