/** What lists show to a viewer who does not see personal data. */
import { expect, test } from "vitest";
import type { Principal } from "../../../../src/domain/execution/principal.ts";
import { Lists } from "../../../../src/operations/lists/lists.ts";
import { pagedRegistry } from "../../../support/paged-registry.ts";

const olga: Principal = { tenant: "t", subject: "olga", scopes: ["read"] };
const viewer: Principal = { ...olga, masked: true };

test.each([
  ["phone", 491_711_234_567, "*** **67"],
  ["customer", "olga@example.com", "o***@e***.com"],
  ["customer", "acme", "acme"],
  ["amount", 491_711_234_567, 491_711_234_567],
  ["urgent", true, true],
])("the value of the attribute %s = %j is counted as %j for a viewer", async (name, value, shown) => {
  const count = async () => ({ items: [{ value, count: 3 }], executions: 3, complete: true });
  const lists = new Lists(pagedRegistry([]), { count });
  const seenBy = async (caller: Principal) => (await lists.attribute(caller, { name, limit: 5 })).items;
  expect(await seenBy(olga)).toEqual([{ value, count: 3 }]);
  expect(await seenBy(viewer)).toEqual([{ value: shown, count: 3 }]);
});
