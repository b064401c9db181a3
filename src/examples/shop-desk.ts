/** The operations desk of a shop: agents with roles over tables of the examples' database. */
import { defineRuntime } from "../define/index.ts";
import { catalogSpecialist } from "./shop-desk/catalog-specialist.ts";

export const shopDesk = defineRuntime({ agents: [catalogSpecialist] });
