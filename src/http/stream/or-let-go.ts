/**
 * Answers an upgrade with what is read off a socket that was opened for it. Where that fails or is refused, the socket ends: its reader
 * was answered something else, and an actor counts it among its readers as long as it is open.
 */
import { CLOSE_CUT } from "../../contract/stream/flow-control.ts";

export async function orLetGo(first: WebSocket, answer: () => Promise<Response>): Promise<Response> {
  const letGo = () => {
    first.accept();
    first.close(CLOSE_CUT, "its reader was answered an error");
  };
  try {
    const answered = await answer();
    if (answered.status !== 101) letGo();
    return answered;
  } catch (error) {
    letGo();
    throw error;
  }
}
