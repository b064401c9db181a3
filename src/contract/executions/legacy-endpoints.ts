/** The older paths of AgentField for a start that is waited for, one a kind of function. */
import * as z from "zod";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, start, V1 } from "../endpoint-parts.ts";
import { ExecutionBody } from "./body.ts";
import { ExecuteRequest, RunHeaders, WaitQuery } from "./requests.ts";

/** What `execute` answers, with what older clients read. */
const LegacyBody = ExecutionBody.extend({
  node_id: z.string().describe("The agent or the node of the function."),
  timestamp: z.iso.datetime().describe("When this was answered."),
});
export type LegacyBody = z.infer<typeof LegacyBody>;

export const ENDED =
  "It ended. A node's failure has this body too, with the 4xx of the node's own answer, 504 (never reached) or 502.";

const shared = {
  method: "POST",
  tag: "Executions",
  scope: "execute",
  orScope: "agent",
  query: WaitQuery,
  headers: RunHeaders,
  body: ExecuteRequest,
  bodyBytes: BODY_BYTES.start,
  answers: {
    200: answer(ENDED, LegacyBody),
    202: answer("Still going, or waiting for a person", LegacyBody),
  },
  endsOtherwise: true,
  faults: [...start, "not_found"],
} as const;

export const LEGACY_ENDPOINTS = {
  callReasoner: endpoint({
    ...shared,
    id: "callReasoner",
    path: `${V1}/reasoners/{target}`,
    summary: "As `execute`, of a reasoner; 404 when there is none of this name",
  }),
  callSkill: endpoint({
    ...shared,
    id: "callSkill",
    path: `${V1}/skills/{target}`,
    summary: "As `execute`, of a skill; 404 when there is none of this name",
  }),
} as const;
