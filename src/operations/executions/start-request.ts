/** What a caller asks for when it starts an execution. */
import type { limitsOf, RunHeaders, StartHeaders } from "../../contract/executions/requests.ts";
import { isChosenId, parseExecutionId } from "../../domain/execution/execution-id.ts";
import type { SearchAttributes } from "../../domain/execution/search-attributes.ts";
import type { FunctionKind } from "../../domain/execution/target.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Found } from "../target.ts";
import type { Upload } from "./uploads.ts";

export interface StartRequest {
  /** Of the caller's own choosing. */
  readonly id?: string | undefined;
  readonly target: string;
  /** What the target names, where that is no function of the code. */
  readonly found?: Found;
  /** The only kind that is meant. */
  readonly kind?: FunctionKind;
  readonly input: { [key: string]: Json };
  /** What tells a repetition from another request, where that is not the input. */
  readonly identity?: unknown;
  /** Of a firing: the schedule, and the id that belongs to its instant. */
  readonly schedule?: { readonly id: string; readonly executionId: string };
  /** Fields beside the envelope's, of a body that has no `input`. */
  readonly stray?: readonly string[];
  readonly budget: Parameters<typeof limitsOf>[0];
  readonly context: Json | undefined;
  readonly metadata: Json | undefined;
  readonly attributes?: SearchAttributes | undefined;
  /** As it was sent. */
  readonly webhook?: unknown;
  readonly deadlineMs: number | undefined;
  readonly headers: StartHeaders;
  readonly uploads?: readonly Upload[];
  /** Of the caller's trace, well formed. */
  readonly traceparent?: string | undefined;
  /** Where the caller reached this server. */
  readonly baseUrl?: string | undefined;
  /** Of its caller, where the platform says it. */
  readonly region?: string | undefined;
  /** 0: accept and answer at once. */
  readonly waitMs: number;
}

/** A start that may be a repetition of an earlier one. */
export function isNamed({ id, headers, schedule }: StartRequest): boolean {
  return id !== undefined || headers["idempotency-key"] !== undefined || schedule !== undefined;
}

/** What has one version of an experiment: a session, and a request that is sent again. */
export function oneVersionKey({ headers, id }: StartRequest): string | undefined {
  return headers["x-session-id"] ?? headers["idempotency-key"] ?? id;
}

/** Its parent may be an execution of this house. */
export function namesOurs({ "x-parent-execution-id": parentId }: RunHeaders): boolean {
  return parentId !== undefined && (isChosenId(parentId) || parseExecutionId(parentId) !== undefined);
}

export function ownParent(): Refusal {
  const message = "no execution is its own parent";
  return refuse("invalid_input", `x-parent-execution-id: ${message}`, [{ path: "x-parent-execution-id", message }]);
}
