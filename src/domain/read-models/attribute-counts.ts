import type { AttributeValue } from "../execution/search-attributes.ts";

/** How many executions have which value of one search attribute, the most frequent first. */
export interface AttributeCounts {
  readonly items: readonly { readonly value: AttributeValue; readonly count: number }[];
  /** Executions that were counted. */
  readonly executions: number;
  /** False where there are more of them, or more values, than one answer takes. */
  readonly complete: boolean;
}
