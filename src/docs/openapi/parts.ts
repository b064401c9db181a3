/** What every operation shares: parameters and headers that are described once, and each problem with its example. */
import { problemOf } from "../../contract/problem.ts";
import type { FaultCode } from "../../domain/values/fault.ts";
import { FAULTS, refuse } from "../../domain/values/fault.ts";

export const ref = (kind: "parameters" | "headers" | "schemas" | "responses" | "examples", name: string) => ({
  $ref: `#/components/${kind}/${name}`,
});
const text = (description: string, example: string) => ({ description, schema: { type: "string" }, example });

export const SHARED_PARAMETERS = {
  RequestId: {
    name: "X-Request-ID",
    in: "header",
    ...text(
      "Your own id for this request: letters, digits, . _ -; at most 128. It comes back and is in the log.",
      "req-1",
    ),
  },
  Traceparent: {
    name: "traceparent",
    in: "header",
    ...text(
      "W3C Trace Context. The trace id is in the log; the answer's traceresponse names our part.",
      `00-${"4bf92f3577b34da6".repeat(2)}-00f067aa0ba902b7-01`,
    ),
  },
  Token: {
    name: "token",
    in: "query",
    ...text("A stream token in place of a key, for browsers.", "eyJhbGciOiJIUzI1NiJ9…"),
  },
} as const;

export const SHARED_HEADERS = {
  "X-Request-ID": text("Names this request in the log.", "req_5e0c1f2a3b4d"),
  "X-Execution-ID": text(
    "The execution that this answer is about.",
    "exec_6yqPzV0b3kTn1cQmWfXh2sJrUeGdLaIoBt9vN7pEw4k",
  ),
  "X-Run-ID": text("The run it belongs to.", "run_20261121_093012_9f8e7d6c"),
  "RateLimit-Policy": text("The limit of this key: requests (q) in so many seconds (w).", '"key";q=600;w=60'),
  RateLimit: text("What is left of it (r), and when it is full again (t).", '"key";r=599;t=60'),
  "Retry-After": text("Seconds after which the same request may succeed.", "30"),
  Allow: text("The methods that are possible here.", "GET, HEAD, OPTIONS"),
  traceresponse: text(
    "W3C Trace Context: sent when the request had a valid traceparent.",
    `00-${"4bf92f3577b34da6".repeat(2)}-a2fb4a1d1a96d312-01`,
  ),
} as const;

export const answerHeaders = (...names: (keyof typeof SHARED_HEADERS)[]) =>
  Object.fromEntries(names.map((name) => [name, ref("headers", name)]));

/** Each fault as the body that a caller gets. */
export function problemExamples(): Record<string, unknown> {
  const codes = Object.keys(FAULTS) as FaultCode[];
  return Object.fromEntries(
    codes.map((code) => [
      code,
      {
        summary: FAULTS[code].title,
        value: problemOf(refuse(code, "What exactly was wrong stands here"), "req_5e0c1f2a3b4d"),
      },
    ]),
  );
}
