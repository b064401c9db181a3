/** "Send all again": each is asked for once, and one that is refused keeps no other from being sent. */
import { expect, test } from "vitest";
import { ProblemError } from "../../../src/client/transport/errors.ts";
import { sendEach } from "../../../src/dashboard/webhooks/send-each.ts";

const refused = (status: number) => {
  const text = { type: "", title: "", detail: "it was delivered meanwhile", code: "c", request_id: "r", error: "c" };
  return new ProblemError({ ...text, message: "it was delivered meanwhile", status, retryable: false });
};

/** What each id is answered; nothing: it is sent. */
function sending(answers: Readonly<Record<string, Error>>, ids = ["a", "b", "c"]) {
  const asked: string[] = [];
  let sent = 0;
  const retry = async (id: string) => {
    asked.push(id);
    const error = answers[id];
    if (error) throw error;
  };
  const done = sendEach(ids, { retry, onSent: () => void sent++ });
  return { done, asked, sent: () => sent };
}

test("all are sent, in their order", async () => {
  const { done, asked, sent } = sending({});
  await done;
  expect([asked, sent()]).toEqual([["a", "b", "c"], 3]);
});

test.each([409, 410, 404])(
  "one that is refused with %i is named at the end, and the others are sent",
  async (status) => {
    const { done, asked, sent } = sending({ a: refused(status) });
    await expect(done).rejects.toThrow(/^1 of 3 were not sent\. a: .*it was delivered meanwhile/);
    expect([asked, sent()]).toEqual([["a", "b", "c"], 2]);
  },
);

test.each([
  ["the server does not answer", new TypeError("fetch failed")],
  ["the key is refused", refused(401)],
])("where %s, no other is tried", async (_what, error) => {
  const { done, asked } = sending({ b: error });
  await expect(done).rejects.toBe(error);
  expect(asked).toEqual(["a", "b"]);
});
