import type { z } from "zod";
import type { Scope } from "../domain/caller.ts";
import type { FaultCode } from "../domain/fault.ts";

/**
 * One call of the API, written once: the routes bind to it, the parser parses with it, OpenAPI is made of it. Paths are
 * in OpenAPI form (`/executions/{id}`).
 */
export interface Endpoint<Query extends z.ZodType = z.ZodType, Body extends z.ZodType = z.ZodType> {
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly query?: Query;
  readonly body?: Body;
  /** Status codes of success with the shape of their body. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema: z.ZodType }>>;
  readonly faults: readonly FaultCode[];
  /** What a key must carry. `open`: answered without a key, because it says nothing about anybody's work. */
  readonly scope: Scope | "open";
  /** The form in which a stream token (`POST /api/v1/tokens`) opens this call too. */
  readonly token?: "websocket" | "event-stream";
}

export function endpoint<Query extends z.ZodType, Body extends z.ZodType>(
  definition: Endpoint<Query, Body>,
): Endpoint<Query, Body> {
  return definition;
}
