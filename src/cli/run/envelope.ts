/** What a run is answered with, and the same for what went wrong before it could begin. */
import * as z from "zod";
import type { RunResultBody } from "../../contract/manifests/run-body.ts";
import type { Failure } from "../frame/failure.ts";

export type RunResult = z.infer<typeof RunResultBody>;
export type RunDetails = RunResult["details"];

/** What the server says of a refusal beside its problem. */
const Refused = z.object({
  errors: z.array(z.string()),
  details: z.object({
    error: z.object({ type: z.literal("ErrandError"), message: z.string(), details: z.looseObject({}) }),
  }),
});

/** The envelope of a run that has not begun. */
export const RefusedRunBody = Refused.extend({
  ok: z.literal(false),
  status: z.literal("failed"),
  timestamp: z.iso.datetime(),
});

interface About {
  readonly agent_path: string;
  readonly expected_path?: string;
  readonly suggestion?: string;
}

/** `body`: the server's own refusal, where it was one. */
export function refusedRun(failure: Failure, about: About, body?: unknown): z.infer<typeof RefusedRunBody> {
  const told = Refused.safeParse(body).data;
  const error = told?.details.error;
  const message = error?.message ?? failure.message;
  return {
    ok: false,
    status: "failed",
    timestamp: new Date().toISOString(),
    errors: told?.errors ?? [failure.message],
    details: { error: { type: "ErrandError", message, details: { ...error?.details, ...about } } },
  };
}
