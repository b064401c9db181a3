import { vi } from "vitest";

export interface Received {
  readonly url: string;
  readonly headers: Headers;
  readonly text: string;
  readonly body: { readonly [field: string]: unknown };
}

/** The host of a webhook inside the test's isolate. It answers as `answers` says; 200 without one. */
export class Receiver {
  readonly received: Received[] = [];
  answers: (nth: number, request: Request) => Response | Promise<Response> = () => new Response("thanks");

  install(): void {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const request = new Request(input, init);
      const text = await request.text();
      this.received.push({ url: request.url, headers: request.headers, text, body: JSON.parse(text) });
      return this.answers(this.received.length, request);
    });
  }

  of(executionId: string): Received[] {
    return this.received.filter(({ body }) => body.execution_id === executionId);
  }
}
