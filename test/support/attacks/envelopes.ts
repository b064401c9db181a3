/** JSON that says the wrong thing: types, numbers, times, budgets, decisions, keys. */
import type { Attack } from "./attack.ts";
import { EXECUTE, ONE, posted } from "./attack.ts";

const beside = (field: string) => `{"input":{"claim":"c","amount":1},${field}}`;
const start = posted(EXECUTE, "invalid_input");
const wrong = (path: string) => posted(path, "invalid_input");

const STARTS: readonly Attack[] = [
  start("null as the body", "null", "body"),
  start("a list as the body", "[]", "body"),
  start("a string as the body", '"input"', "body"),
  start("a list as the input", '{"input":[]}', "input"),
  start("null as the input", '{"input":null}', "input"),
  start("JSON in a string as the input", '{"input":"{}"}', "input"),
  start("a missing field", '{"input":{"claim":"c"}}', "input.amount"),
  start("an unknown key of the input", '{"input":{"claim":"c","amount":1,"admin":true}}', "input.admin"),
  start("a number as text", '{"input":{"claim":"c","amount":"1"}}', "input.amount"),
  start("a negative amount", '{"input":{"claim":"c","amount":-1}}', "input.amount"),
  start("a text that is too long", `{"input":{"claim":"${"c".repeat(201)}","amount":1}}`, "input.claim"),
  start("an operator object in place of a value", '{"input":{"claim":{"$ne":null},"amount":1}}', "input.claim"),
];

const BUDGETS: readonly Attack[] = [
  start("a negative budget", beside('"budget":{"max_turns":-1}'), "budget.max_turns"),
  start("half a turn", beside('"budget":{"max_turns":1.5}'), "budget.max_turns"),
  start("NaN as text in a budget", beside('"budget":{"max_cost_usd":"NaN"}'), "budget.max_cost_usd"),
  start("tokens beyond 2^53", beside('"budget":{"max_tokens":1e20}'), "budget.max_tokens"),
  start("no time at all", beside('"budget":{"max_duration":0}'), "budget.max_duration"),
  start("more than a year", beside('"budget":{"max_duration":31536001}'), "budget.max_duration"),
  start("true as a count", beside('"budget":{"max_children":true}'), "budget.max_children"),
  start("recoveries without end", beside('"budget":{"max_recoveries":1001}'), "budget.max_recoveries"),
  start("a list as the budget", beside('"budget":[]'), "budget"),
];

const TIMES: readonly Attack[] = [
  start("a deadline that has passed", beside('"deadline":"2001-01-01T00:00:00Z"'), "deadline"),
  start("the first year as deadline", beside('"deadline":"0000-01-01T00:00:00Z"'), "deadline"),
  start("the last instant of Date", beside('"deadline":"+275760-09-13T00:00:00Z"'), "deadline"),
  start("the thirtieth of February", beside('"deadline":"2097-02-30T00:00:00Z"'), "deadline"),
  start("a leap second", beside('"deadline":"2096-12-31T23:59:60Z"'), "deadline"),
  start("a deadline without a zone", beside('"deadline":"2097-01-01T00:00:00"'), "deadline"),
  start("a deadline in milliseconds", beside('"deadline":4000000000000'), "deadline"),
  start("an empty deadline", beside('"deadline":""'), "deadline"),
];

const note = wrong(`${ONE}/notes`);
const approve = wrong(`${ONE}/approval-response`);
const hook = wrong("/api/v1/webhooks/approval");
const resolve = wrong(`${ONE}/resolve`);
const PEOPLE: readonly Attack[] = [
  note("a note without words", '{"message":""}', "message"),
  note("a note of 10,001 characters", `{"message":"${"m".repeat(10_001)}"}`, "message"),
  note("tags in one string", '{"message":"m","tags":"a,b"}', "tags"),
  note("51 tags", JSON.stringify({ message: "m", tags: Array(51).fill("t") }), "tags"),
  note("a tag of 101 characters", JSON.stringify({ message: "m", tags: ["t".repeat(101)] }), "tags.0"),
  note("an object as tag", '{"message":"m","tags":["a",{}]}', "tags.1"),
  wrong(`${ONE}/cancel`)("a reason that is a number", '{"reason":1}', "reason"),
  wrong(`${ONE}/pause`)("a reason of 2,001 characters", `{"reason":"${"r".repeat(2_001)}"}`, "reason"),
  wrong(`${ONE}/signals/a%0Ab`)("a line break in a signal's name", "{}", "name"),
  wrong(`${ONE}/signals/${"s".repeat(257)}`)("a signal's name of 257 characters", "{}", "name"),
  approve("a decision that is none", '{"decision":"maybe"}', "decision"),
  approve("the timer's own decision", '{"decision":"expired"}', "decision"),
  approve("two decisions in a list", '{"decision":["approved","rejected"]}', "decision"),
  approve("no decision", "{}", "decision"),
  approve("an option that was not offered", '{"decision":"approved","option":"pay_double"}', "option"),
  approve("feedback of 20,001 characters", `{"decision":"rejected","feedback":"${"f".repeat(20_001)}"}`, "feedback"),
  posted(`${ONE}/approval-response`, "decision_mismatch")(
    "a decision on another payload",
    '{"decision":"approved","payload_digest":"0000"}',
    "changed",
  ),
  posted(`${ONE}/approval-response`, "no_open_gate")(
    "a decision on another approval",
    '{"decision":"approved","approval_request_id":"gate_of_somebody"}',
    "gate_of_somebody",
  ),
  resolve("a resolution that is none", '{"option":"forget"}', "option"),
  resolve("a list as the resolution's parameters", '{"option":"succeeded","params":[]}', "params"),
  posted(`${ONE}/resolve`, "no_open_gate")("an effect that is not in doubt", '{"option":"retry"}', "in doubt"),
  hook("a number as approval id", '{"decision":"approved","approval_request_id":1}', "approval_request_id"),
  hook(
    "an approval id of 257 characters",
    JSON.stringify({ decision: "approved", approval_request_id: "g".repeat(257) }),
    "approval_request_id",
  ),
  posted("/api/v1/webhooks/approval", "not_found")(
    "an approval id that is none",
    '{"decision":"approved","approval_request_id":"gate_x"}',
    "gate_x",
  ),
];

const batch = wrong("/api/v1/executions/batch-status");
const key = wrong("/api/v1/keys");
const token = wrong("/api/v1/tokens");
const KEYS_AND_BATCHES: readonly Attack[] = [
  batch("501 ids in a batch", JSON.stringify({ execution_ids: Array(501).fill("x") }), "execution_ids"),
  batch("a number among the ids", '{"execution_ids":["a",7]}', "execution_ids.1"),
  batch("an empty id in a batch", '{"execution_ids":[""]}', "execution_ids.0"),
  batch("an id of 257 characters in a batch", JSON.stringify({ execution_ids: ["x".repeat(257)] }), "execution_ids.0"),
  batch("ids as one string", '{"execution_ids":"a,b"}', "execution_ids"),
  batch("yes as a boolean", '{"execution_ids":[],"include_result":"yes"}', "include_result"),
  key("a key without a name", '{"scopes":["read"]}', "name"),
  key("an unknown scope", '{"name":"n","scopes":["root"]}', "scopes.0"),
  key("no scope", '{"name":"n","scopes":[]}', "scopes"),
  key("six scopes of five", `{"name":"n","scopes":${JSON.stringify(Array(6).fill("read"))}}`, "scopes"),
  key("a rate limit of nothing", '{"name":"n","scopes":["read"],"rate_limit_per_min":0}', "rate_limit_per_min"),
  key("a rate limit as text", '{"name":"n","scopes":["read"],"rate_limit_per_min":"9"}', "rate_limit_per_min"),
  key("a control character in a name", '{"name":"a\\u0000b","scopes":["read"]}', "name"),
  key("a name that is written backwards", '{"name":"\\u202enimda","scopes":["read"]}', "name"),
  key("a tenant that spells another's idempotency key", '{"name":"n","scopes":["read"],"tenant":"a:b"}', "tenant"),
  token("a token for nothing", "{}", "execution_id"),
  token("a token for both", '{"execution_id":"{id}","feed":true}', "only one"),
  token("a token for a feed that is off", '{"feed":false}', "feed"),
];

export const ENVELOPES: readonly Attack[] = [...STARTS, ...BUDGETS, ...TIMES, ...PEOPLE, ...KEYS_AND_BATCHES];
