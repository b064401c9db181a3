/** The first thing that a request passes: the services behind it, or the reason why there are none. */
import type { MiddlewareHandler } from "hono";
import { problemOf } from "../../contract/problem.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";
import { Misconfigured } from "../../domain/values/misconfigured.ts";
import { isA, messageOf } from "../../domain/values/thrown.ts";
import type { Services, Vars } from "./app.ts";

/**
 * A deployment that cannot be put together answers each request with 503 and the sentence that says why, as far as it is
 * about the deployment's own definitions and settings; the log has it in any case.
 */
export function readiness(
  servicesOf: (env: unknown) => Services,
  log: Services["log"],
): MiddlewareHandler<{ Variables: Vars }> {
  return async function takeServices(c, next) {
    let services: Services;
    try {
      services = servicesOf(c.env);
    } catch (error) {
      log({ level: "error", message: "this deployment cannot serve", error: messageOf(error) });
      return answerNotReady(reasonOf(error));
    }
    c.set("services", services);
    return next();
  };
}

function reasonOf(error: unknown): Refusal {
  return isA(error, Misconfigured)
    ? refuse("misconfigured", messageOf(error))
    : refuse("internal_error", "this deployment could not be put together");
}

function answerNotReady(refusal: Refusal): Response {
  const problem = problemOf(refusal, `req_${crypto.randomUUID().replaceAll("-", "")}`);
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": problem.request_id,
    },
  });
}
