import * as z from "zod";

export const Scope = z.enum(["admin", "execute", "read", "agent", "approve"]);
export type Scope = z.infer<typeof Scope>;

/** A key that was looked up and not revoked: so it is believed to be until `untilMs`, and asked again then. */
export const KeyInForce = z.object({ hash: z.string(), untilMs: z.number() });
export type KeyInForce = z.infer<typeof KeyInForce>;

/** Who calls. Every actor method takes it first; a thing of another tenant or user does not exist for it. */
export interface Principal {
  readonly tenant: string;
  readonly subject: string;
  readonly scopes: readonly Scope[];
  /** True for a viewer: it reads e-mail addresses and phone numbers in their masked form only. */
  readonly masked?: boolean | undefined;
  /**
   * Set when it has no key and signed its body with the webhook secret; with the time that the signature carries. It says
   * nothing about which person decided.
   */
  readonly signed?: { readonly stampedAtMs?: number } | undefined;
  /** Until when it may look, when it came with a stream token: its sockets end then. */
  readonly expiresAtMs?: number | undefined;
  /** What it came with, or what its token was made with; none for who cannot be revoked. */
  readonly key?: KeyInForce | undefined;
}

/** `admin` implies every scope. */
export function hasScope({ scopes }: Principal, scope: Scope): boolean {
  return scopes.includes("admin") || scopes.includes(scope);
}

/** The runtime itself, acting inside one tenant: a child that dispatches to its parent, the projector, the sweeper. */
export function systemPrincipal(tenant: string): Principal {
  return { tenant, subject: "system", scopes: ["admin"] };
}
