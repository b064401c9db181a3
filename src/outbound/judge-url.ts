/** From the text of an address that a caller named to the URL that may be fetched, or the reason why not. */
import type { Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import { faultOfWebUrl } from "../domain/values/web-url.ts";
import { faultOfHost } from "./addresses.ts";

/** How far a deployment reaches. */
export interface Reach {
  /** True on a laptop in open mode: this machine and its networks are the caller's own. */
  readonly anywhere: boolean;
  /** Hosts that an operator allows although they are no public ones: `agents.corp`, `*.agents.corp`, `10.0.0.7`. */
  readonly allowed: readonly string[];
}

/** The sentence names no field: its reader puts the field's name in front. */
export function judgeUrl(text: string, reach: Reach): Result<URL> {
  const unfit = faultOfWebUrl(text);
  if (unfit !== undefined) return refuse("address_refused", unfit);
  const url = URL.parse(text);
  if (!url || url.hostname === "") return refuse("address_refused", "must be an absolute http or https address");
  // The text has no @ in its authority; a parser that found one all the same read another authority.
  if (url.username !== "" || url.password !== "")
    return refuse("address_refused", "must hold no user name and no password");
  if (reach.anywhere || isAllowed(url, reach)) return accept(url);
  const fault = faultOfHost(url);
  return fault === undefined ? accept(url) : refuse("address_refused", fault);
}

function isAllowed({ hostname }: URL, { allowed }: Reach): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return allowed.some((known) => host === known || (known.startsWith("*.") && host.endsWith(known.slice(1))));
}

/** The hosts of a setting: separated by commas or spaces. */
export function parseAllowedHosts(setting: string | undefined): readonly string[] {
  const hosts = (setting ?? "").toLowerCase().split(/[\s,]+/);
  return hosts.filter((host) => host !== "" && host !== "*." && host !== "*");
}
