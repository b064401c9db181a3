/** Starts of executions, one row a call. */
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, start, V1 } from "../endpoint-parts.ts";
import { AcceptedBody } from "../replies.ts";
import { ExecutionBody } from "./body.ts";
import { ExecuteForm } from "./files.ts";
import { ENDED, LEGACY_ENDPOINTS } from "./legacy-endpoints.ts";
import { ExecuteRequest, StartHeaders, WaitQuery } from "./requests.ts";

export const START_ENDPOINTS = {
  execute: endpoint({
    id: "execute",
    method: "POST",
    path: `${V1}/execute/{target}`,
    tag: "Executions",
    scope: "execute",
    orScope: "agent",
    summary: "Run a function and wait for its end",
    query: WaitQuery,
    headers: StartHeaders,
    body: ExecuteRequest,
    bodyBytes: BODY_BYTES.start,
    form: ExecuteForm,
    formBytes: BODY_BYTES.form,
    answers: {
      200: answer(ENDED, ExecutionBody),
      202: answer("Still going, or waiting for a person", ExecutionBody),
    },
    endsOtherwise: true,
    faults: start,
  }),
  executeAsync: endpoint({
    id: "executeAsync",
    method: "POST",
    path: `${V1}/execute/async/{target}`,
    tag: "Executions",
    scope: "execute",
    orScope: "agent",
    summary: "Accept an execution durably and answer at once",
    headers: StartHeaders,
    body: ExecuteRequest,
    bodyBytes: BODY_BYTES.start,
    form: ExecuteForm,
    formBytes: BODY_BYTES.form,
    answers: { 202: answer("Accepted", AcceptedBody) },
    faults: start,
  }),
  ...LEGACY_ENDPOINTS,
} as const;
