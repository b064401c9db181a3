/** The one list of the agents this house offers. */
import type { AgentDefinition, PerTenant } from "../define/index.ts";
import { offer } from "../define/index.ts";
import { approvals } from "./approvals.ts";
import type { CatalogItems } from "./catalog/item.ts";
import { catalog } from "./catalog.ts";
import { catalogEnrichment } from "./catalog-enrichment.ts";
import { clock } from "./clock.ts";
import { documents } from "./documents.ts";
import { escalationAgent } from "./escalation-agent.ts";
import type { LedgerService } from "./ledger.ts";
import { createLedgerAgent } from "./ledger.ts";
import type { Shop } from "./order-intake/shop.ts";
import { orderIntake } from "./order-intake.ts";
import { supportAgent } from "./support-agent.ts";
import { writer } from "./writer.ts";

/** What tools and agents of this house need from outside; worker.ts hands it in. */
export interface HouseServices {
  readonly ledger: LedgerService;
  readonly shop: Shop;
  readonly catalogItems: PerTenant<CatalogItems>;
}

/** Agents stand in the first list, agentic executions in the second; what stands in neither is not offered. */
export function available(services: HouseServices): readonly AgentDefinition[] {
  return offer({
    agents: [
      supportAgent,
      escalationAgent,
      catalog,
      clock,
      approvals,
      documents,
      createLedgerAgent(services.ledger),
      writer,
    ],
    definitions: [catalogEnrichment, orderIntake],
    services: { ...services },
  });
}
