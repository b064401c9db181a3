/** Whether what the log says of a value is what the value is: inputs of entries, payloads of approvals, inputs of children. */
import type { Event } from "../execution/event.ts";
import { canonicalJson } from "../values/json.ts";
import type { Check, Evidence } from "./entries.ts";

/** A short input of an entry stands for itself. */
const BARE = "=";

/** Nothing when no digest was handed in. */
export function falseDigests(digest: ((text: string) => string) | undefined): Check {
  return ({ event }) => (digest ? falseIn(event, digest) : []);
}

function falseIn({ seq, type, data }: Event, digest: (text: string) => string): Evidence[] {
  const wrong = (detail: string): Evidence[] => [{ seqs: [seq], detail }];
  if (type === "step.started" || type === "tool.started") {
    const { digest: said, input, key } = data;
    if (said === undefined || input === undefined) return [];
    const text = canonicalJson(input);
    if (said === (said.startsWith(BARE) ? `${BARE}${text}` : digest(text))) return [];
    return wrong(`the input of "${key}" is not the one that its digest was made of`);
  }
  if (type === "gate.opened" && data.payloadDigest !== digest(canonicalJson(data.payload)))
    return wrong(`the payload of ${data.gateId} is not the one that was shown`);
  if (type === "child.started" && !data.adopted) {
    const { target, input } = data;
    if (data.digest !== digest(canonicalJson({ target, input })))
      return wrong(`the input of the child ${data.childId} is not what its digest says`);
  }
  return [];
}
