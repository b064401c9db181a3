import { Agent, request } from "node:http";

interface Asked {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface WorkerAnswer {
  readonly status: number;
  readonly text: string;
}

/** Without the proxy that NODE_USE_ENV_PROXY gives to `fetch`: the Worker is on this machine. */
const direct = new Agent();

/** A request of the launcher to the Worker that it serves. Rejects when no answer comes. */
export function askWorker(url: string, { method = "GET", headers, body }: Asked): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: direct }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}
