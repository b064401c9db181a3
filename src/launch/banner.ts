import type { Settings } from "./settings.ts";

/** What a person reads after `npm start`. */
export function banner(url: string, settings: Settings): string {
  const { ANTHROPIC_API_KEY, ERRAND_MODEL } = settings.passedOn;
  const model = ANTHROPIC_API_KEY
    ? `real${ERRAND_MODEL ? ` (${ERRAND_MODEL})` : ""}, by ANTHROPIC_API_KEY`
    : "scripted, nothing leaves this machine (set ANTHROPIC_API_KEY for a real one)";
  return `
  Errand   ${url}
  access   open: no keys, this machine only (127.0.0.1)
  model    ${model}
  state    ${settings.stateDir}

  An execution that is done when the call returns:
    curl -s ${url}/api/v1/execute/support-agent.analyze_sentiment -d '{"input":{"message":"This is the third time I am calling!"}}'
  One that sleeps, and survives whatever happens to this server meanwhile:
    curl -s ${url}/api/v1/execute/async/clock.remind -d '{"input":{"message":"Tea is ready","seconds":20}}'
  What became of it (put its execution_id in the place of ID):
    curl -s ${url}/api/v1/executions/ID
`;
}
