/** Wires webhooks: what a start registers, and what is sent. */
import { poster } from "../actors/platform/post.ts";
import type { World } from "../engine/ports.ts";
import type { WebhookPort } from "../operations/executions/webhook-registration.ts";
import { Webhooks } from "../operations/executions/webhooks.ts";
import { Notifications } from "../operations/operator/notifications.ts";
import type { ExecutionClient } from "../operations/ports.ts";
import { judgeUrl } from "../outbound/judge-url.ts";
import { answering } from "../registry/databases/answering.ts";
import { notificationRows } from "../registry/settings/notification-rows.ts";
import { sealerOf, textsOf } from "../vault/configured.ts";
import type { Env } from "./environment/env.ts";
import { outboundOf, reachOf } from "./environment/outbound.ts";

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

/** Where owners of executions are notified. */
function notificationsOf(env: Env): Notifications {
  const texts = textsOf(env);
  const place = (tenant: string, owner: string) => JSON.stringify(["notifications", tenant, owner]);
  return new Notifications({
    store: notificationRows(answering(env.REGISTRY)),
    judge: (url) => judgeUrl(url, reachOf(env)),
    seal: (whose, secrets) => texts.sealText(JSON.stringify(secrets), place(whose.tenant, whose.owner)),
    open: (whose, sealed) => texts.openText(sealed, place(whose.tenant, whose.owner)),
    now: () => Date.now(),
  });
}

/** What is told to addresses outside: of one execution, and of all of an owner's. */
export function deliveriesOf(env: Env, client: Pick<ExecutionClient, "dispatch" | "view">) {
  return { webhooks: new Webhooks(client), notifications: notificationsOf(env) };
}

export function postOf(env: Env): World["post"] {
  return poster({
    outbound: outboundOf(env),
    open: (whose, sealed) => sealerOf(env, ownerOf(whose)).openText(sealed, PLACE),
    target: (tenant, people) => notificationsOf(env).targetOf(tenant, people),
    now: () => Date.now(),
  });
}
