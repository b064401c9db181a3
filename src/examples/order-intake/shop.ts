/** What the order desk needs from a shop. */
export interface Shop {
  /** Takes an order id once: a caller that sends it again gets the first answer. Rejects when the shop cannot be reached. */
  placeOrder(order: Order, options: { readonly signal: AbortSignal }): Promise<Placed>;
}

interface Order {
  readonly order_id: string;
  readonly customer: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

type Placed =
  | { readonly placed: true; readonly order_number: string; readonly total_cents: number }
  | { readonly placed: false; readonly reason: string };

/** Cents a piece. */
const PRICES: ReadonlyMap<string, number> = new Map([
  ["tea-green", 490],
  ["tea-black", 450],
  ["pot-iron", 3_900],
  ["mug", 1_200],
]);
const MOST_PIECES = 20;

/** The shop of the examples: four goods, twenty pieces an order. It keeps no books: an id always has the same number. */
export const demoShop: Shop = {
  placeOrder: async ({ order_id, lines }) => {
    const unknown = lines.find(({ sku }) => !PRICES.has(sku));
    if (unknown) return { placed: false, reason: `"${unknown.sku}" is not sold here` };
    const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    if (pieces > MOST_PIECES) return { placed: false, reason: `at most ${MOST_PIECES} pieces an order, not ${pieces}` };
    const total = lines.reduce((sum, { sku, quantity }) => sum + (PRICES.get(sku) ?? 0) * quantity, 0);
    return { placed: true, order_number: `order-${shortened(order_id)}`, total_cents: total };
  },
};

function shortened(id: string): string {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
  return sum.toString(36);
}
