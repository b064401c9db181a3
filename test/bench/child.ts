import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";

/** A helping process that answers each message with one message. */
export class Child<Question extends object, Answer extends object> {
  readonly #process: ChildProcess;

  constructor(path: string) {
    this.#process = fork(path);
  }

  async ask(question: Question): Promise<Answer> {
    this.#process.send(question);
    return this.next<Answer>();
  }

  /** The next message, whoever caused it. */
  async next<T extends object>(): Promise<T> {
    const gone = new AbortController();
    const ended = once(this.#process, "exit", { signal: gone.signal }).then(() => {
      throw new Error("a helping process of the bench ended");
    });
    ended.catch(() => {});
    const [answer] = await Promise.race([once(this.#process, "message"), ended]);
    gone.abort();
    if ("failed" in answer) throw new Error(answer.failed);
    return answer;
  }

  stop(): void {
    this.#process.disconnect();
  }
}
