/** Wires plans: the deployment's own database, with what is sealed in it opened on the way out. */
import { opened } from "../actors/storage/opened.ts";
import { Plans } from "../operations/plans/plans.ts";
import { answering } from "../registry/databases/answering.ts";
import { PlanRows } from "../registry/documents/plan-rows.ts";
import { textsOf } from "../vault/configured.ts";
import { randomToken, shortDigest } from "../vault/digest.ts";
import type { Env } from "./environment/env.ts";
import { limitsOf } from "./environment/limits.ts";

export function plansOf(env: Env): Plans {
  const rows = new PlanRows(answering(env.REGISTRY), textsOf(env));
  const store = {
    head: (tenant: string, id: string) => rows.head(tenant, id),
    version: (...asked: Parameters<PlanRows["version"]>) => rows.version(...asked),
    versions: (...asked: Parameters<PlanRows["versions"]>) => rows.versions(...asked),
    list: (...asked: Parameters<PlanRows["list"]>) => rows.list(...asked),
    usage: (tenant: string) => rows.usage(tenant),
    append: (...asked: Parameters<PlanRows["append"]>) => rows.append(...asked),
    remove: (...asked: Parameters<PlanRows["remove"]>) => rows.remove(...asked),
    read: async (...asked: Parameters<PlanRows["document"]>) => {
      const document = await rows.document(...asked);
      return opened(() => document.open(), "this plan");
    },
  };
  return new Plans({
    store,
    digest: shortDigest,
    newPlanId: () => `plan_${randomToken(12)}`,
    limits: limitsOf(env),
    now: () => Date.now(),
  });
}
