/** The first frames of a socket, sent before its upgrade is answered. */
import { CLOSE_CUT } from "../../contract/stream/flow-control.ts";

/** Sends a new reader what it missed. Where `tell` throws, the socket is closed: its reader is answered the error, and holds no other end of it. */
export function tellJustAccepted(server: WebSocket, tell: () => void): void {
  try {
    tell();
  } catch (error) {
    server.close(CLOSE_CUT, "what you missed cannot be read now: come back later");
    throw error;
  }
}
