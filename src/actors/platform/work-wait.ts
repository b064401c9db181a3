/** A poll that waits, in the router: a socket of the directory of agents, on which it is woken. */
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
      // What came while nobody listened counts.
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
