import { describe, expect, it } from "vitest";
import { Misconfigured } from "../../../../src/domain/values/misconfigured.ts";
import { createServer } from "../../../../src/http/server.ts";

const SENTENCE = 'agent id "clock" is claimed twice: by "Reminds." (1.0.0) and by "Another." (1.0.0)';

describe("a deployment that cannot be put together", () => {
  const answered = async (error: unknown, path: string) => {
    const lines: unknown[] = [];
    const app = createServer(
      () => {
        throw error;
      },
      (line) => lines.push(line),
    );
    const answer = await app.request(path);
    return { answer, body: (await answer.json()) as Record<string, unknown>, lines };
  };

  it.each(["/health", "/api/v1/agents", "/nothing"])(
    "says in each answer and in the log what is wrong: %s",
    async (path) => {
      const { answer, body, lines } = await answered(new Misconfigured(SENTENCE), path);
      expect(answer.status).toBe(503);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.headers.get("x-request-id")).toBe(body.request_id);
      expect(body).toMatchObject({ code: "misconfigured", retryable: false });
      expect(body.detail).toBe(`${SENTENCE}. An operator corrects what is named and deploys again.`);
      expect(lines).toEqual([{ level: "error", message: "this deployment cannot serve", error: SENTENCE }]);
    },
  );

  it("keeps the words of any other error for the log", async () => {
    const { answer, body, lines } = await answered(new TypeError("x is undefined"), "/health");
    expect([answer.status, body.code]).toEqual([500, "internal_error"]);
    expect(JSON.stringify(body)).not.toContain("x is undefined");
    expect(lines).toMatchObject([{ error: "x is undefined" }]);
  });
});
