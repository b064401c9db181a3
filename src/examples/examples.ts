/** The one list of the examples, and what they need from outside. */
import type { ApiEnv } from "../bundled/api/agents.ts";
import { apiAgents } from "../bundled/api/agents.ts";
import { PerTenant } from "../define/index.ts";
import type { ErrandOptions } from "../library/index.ts";
import { approvals } from "./approvals.ts";
import { catalogItemsOf } from "./catalog/catalog-items.ts";
import { catalog } from "./catalog.ts";
import { catalogEnrichment } from "./catalog-enrichment.ts";
import { clock } from "./clock.ts";
import { documents } from "./documents.ts";
import { escalationAgent } from "./escalation-agent.ts";
import { jsonPost } from "./json-post.ts";
import { ledger } from "./ledger.ts";
import { demoShop } from "./order-intake/shop.ts";
import { orderIntake } from "./order-intake.ts";
import { productsOf } from "./shop-desk/products.ts";
import { shopDesk } from "./shop-desk.ts";
import { exampleSkills } from "./skills.ts";
import { supportAgent } from "./support-agent.ts";
import { writer } from "./writer.ts";

export interface ExamplesEnv extends ApiEnv {
  /** The bank of `ledger.transfer`. */
  readonly LEDGER_SERVICE_URL?: string;
  /** The examples' own tables: `src/examples/migrations`. */
  readonly EXAMPLES: D1Database;
}

/** Agents stand in the first list, agentic executions in the second; what stands in neither is not offered. */
export const examples: ErrandOptions<ExamplesEnv> = {
  agents: [supportAgent, escalationAgent, catalog, clock, approvals, documents, ledger, writer],
  executions: [catalogEnrichment, orderIntake],
  runtimes: [shopDesk],
  skills: [...exampleSkills, ...apiAgents.skills],
  manifests: apiAgents.manifests,
  services: (env, { texts }) => ({
    ...apiAgents.services(env),
    ledger: jsonPost(env.LEDGER_SERVICE_URL),
    shop: demoShop,
    products: new PerTenant((tenant) => productsOf(tenant, env.EXAMPLES)),
    catalogItems: new PerTenant((tenant) => catalogItemsOf(tenant, { database: env.EXAMPLES, texts })),
  }),
};
