/**
 * Answers an upgrade from `first`, a socket of an actor that was opened for it. Where `answer` throws or is no upgrade, `first` is
 * closed: an actor counts each open socket among its readers.
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
