/** Pages of effects, fetched one after the other. */
import type { z } from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import type { EffectBody } from "../contract/executions/body.ts";
import { EffectList } from "../contract/executions/body.ts";
import type { Exchange } from "./transport/exchange.ts";

/** Every touch of the outside by one execution, in the order in which it began. */
export async function allEffects(
  exchange: Exchange,
  id: string,
  signal: AbortSignal | undefined,
): Promise<z.infer<typeof EffectBody>[]> {
  const all: z.infer<typeof EffectBody>[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const call = { endpoint: ENDPOINTS.listEffects, params: { id }, query: { after }, signal };
    const page: z.infer<typeof EffectList> = await exchange.call(call, EffectList);
    all.push(...page.items);
    after = page.next_after;
  }
  return all;
}
