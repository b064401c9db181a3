/** What a bulk operation may be asked for: never more than its caller has named. */
import { expect, it } from "vitest";
import { ListQuery } from "../../../src/contract/lists.ts";
import { BulkRequest } from "../../../src/contract/operator/bulk.ts";

const asked = (filter: string) => BulkRequest.safeParse(JSON.parse(`{"action":"cancel","filter":${filter}}`));

it.each([
  "{}",
  '{"attributes":{}}',
  '{"attributes":"{}"}',
  '{"q":""}',
  '{"agent_id":"","session_id":"","attributes":{}}',
  '{"__proto__":{"agent_id":"a"}}',
])("a filter that leaves nothing out is refused, as it would find everything: %s", (filter) => {
  const { error } = asked(filter);
  expect(error?.issues.map(({ message }) => message).join()).toContain('send at least one, or {"all": true}');
});

it.each(['{"__proto__":"x"}', '{"customer":"acme","__proto__":"x"}'])(
  "no name of an attribute is passed over: %s",
  (attributes) => {
    const unknown = { name: " proto", equals: "x" };
    for (const text of [attributes, JSON.stringify(attributes)])
      expect(asked(`{"attributes":${text}}`).data?.filter.attributes).toContainEqual(unknown);
    expect(ListQuery.parse({ attributes }).attributes).toContainEqual(unknown);
  },
);

it.each([
  '{"all":true}',
  '{"agent_id":"a","q":""}',
  '{"attributes":{"customer":"acme"}}',
  '{"until":"2026-01-01T00:00:00Z"}',
])("a filter that names something is taken: %s", (filter) => {
  expect(asked(filter).error).toBeUndefined();
});
