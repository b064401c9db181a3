import type { Handler } from "hono";
import type { Endpoint } from "../../contract/endpoint.ts";
import type { App, Vars } from "../requests/app.ts";
import { authorize } from "./access.ts";

/** Binds a row of the endpoint table behind its scope: what is not in the table cannot be routed. */
export function route(app: App, endpoint: Endpoint, handler: Handler<{ Variables: Vars }>): void {
  app.on(endpoint.method, honoPath(endpoint.path), authorize(endpoint), handler);
}

export function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
