import type { Handler } from "hono";
import type { Endpoint } from "../contract/endpoint.ts";
import type { App, Vars } from "./app.ts";

/** Binds a row of the endpoint table: what is not in the table cannot be routed. */
export function route(app: App, { method, path }: Endpoint, handler: Handler<{ Variables: Vars }>): void {
  app.on(method, honoPath(path), handler);
}

export function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
