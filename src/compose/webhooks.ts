/** Wires webhooks: what a start registers, and what is sent. */
import { poster } from "../actors/platform/post.ts";
import type { World } from "../engine/ports.ts";
import type { WebhookPort } from "../operations/webhook-registration.ts";
import { judgeUrl } from "../outbound/judge-url.ts";
import { sealerOf } from "../vault/configured.ts";
import type { Env } from "./env.ts";
import { outboundOf, reachOf } from "./outbound.ts";

interface Whose {
  readonly tenant: string;
  readonly id: string;
}

const PLACE = "webhook";
const ownerOf = ({ tenant, id }: Whose) => JSON.stringify([PLACE, tenant, id]);

export function webhookPortOf(env: Env): WebhookPort {
  return {
    judge: (url) => judgeUrl(url, reachOf(env)),
    seal: (whose, secrets) => sealerOf(env, ownerOf(whose)).sealText(JSON.stringify(secrets), PLACE),
  };
}

export function postOf(env: Env): World["post"] {
  return poster({
    outbound: outboundOf(env),
    open: (whose, sealed) => sealerOf(env, ownerOf(whose)).openText(sealed, PLACE),
    now: () => Date.now(),
  });
}
