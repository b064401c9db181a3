/**
 * Makes the wait of a poll, in the router, out of a socket of the directory of agents. Each message on it wakes the poll; one that
 * comes between two calls of `next` is kept for the second, which resolves at once.
 */
import type { WorkWait } from "../../operations/plan-execution-ports.ts";

type Heard = "woken" | "late" | "over";

export function workWait(socket: WebSocket): WorkWait {
  let isWoken = false;
  let isOver = false;
  let tell: ((heard: Heard) => void) | undefined;
  const said = (heard: "woken" | "over") => {
    if (heard === "over") isOver = true;
    else if (!tell) isWoken = true;
    tell?.(heard);
  };
  socket.accept();
  socket.addEventListener("message", () => said("woken"));
  socket.addEventListener("close", () => said("over"));
  socket.addEventListener("error", () => said("over"));
  return {
    next: (ms) => {
      if (isWoken) {
        isWoken = false;
        return Promise.resolve("woken");
      }
      if (isOver) return Promise.resolve("over");
      return new Promise((resolve) => {
        const timer = setTimeout(() => tell?.("late"), ms);
        tell = (heard) => {
          tell = undefined;
          clearTimeout(timer);
          resolve(heard);
        };
      });
    },
    close: () => {
      if (!isOver) socket.close();
    },
  };
}
