import type { z } from "zod";
import type { Scope } from "../domain/execution/principal.ts";
import type { FaultCode } from "../domain/values/fault.ts";

interface Answer {
  readonly description: string;
  readonly schema: z.ZodType;
  readonly media?: string;
  /** Media types under which it is text too: of a list, all of it as a file. */
  readonly files?: readonly string[];
}

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
  /** Most bytes of a JSON body; each call with a `body` says so. */
  readonly bodyBytes?: number;
  /** The same as `multipart/form-data`, where that is taken too. */
  readonly form?: z.ZodType;
  readonly formBytes?: number;
  /** Status codes of success with the shape of their body, which is JSON unless `media` says otherwise. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** An end can have a status of failure too, with the body of 200: no problem is in it, and its type is not a problem's. */
  readonly endsOtherwise?: true;
  readonly faults: readonly FaultCode[];
  /**
   * What a key must carry. `open`: answered without a key, because it says nothing about any user's work. `signature`: no
   * key, but a body that is signed with the deployment's webhook secret.
   */
  readonly scope: Scope | "open" | "signature";
  /** A key with one of these scopes does as well. */
  readonly orScope?: Scope | readonly Scope[];
  /** A signed body does as well as a key. */
  readonly signature?: true;
  /** Headers that this call reads; those of every call are described once. */
  readonly headers?: z.ZodType;
  /** The form in which a stream token (`POST /api/v1/tokens`) opens this call too. */
  readonly token?: "websocket" | "event-stream";
}

/** A key that carries one of these may make the call. */
export function scopesOf({ scope, orScope = [] }: Pick<Endpoint, "scope" | "orScope">): readonly Scope[] {
  const others = typeof orScope === "string" ? [orScope] : orScope;
  return scope === "open" || scope === "signature" ? others : [scope, ...others];
}

export function endpoint<Query extends z.ZodType, Body extends z.ZodType>(
  definition: Endpoint<Query, Body>,
): Endpoint<Query, Body> {
  return definition;
}
