/** Tells a reader whose upgrade is not answered yet what it missed. */

/** As RFC 6455 numbers an end that the server did not expect. */
const CLOSE_CUT = 1011;

/** Where telling throws, its reader gets an error in place of the socket: nobody would ever read or close it. */
export function tellJustAccepted(server: WebSocket, tell: () => void): void {
  try {
    tell();
  } catch (error) {
    server.close(CLOSE_CUT, "what you missed cannot be read now: come back later");
    throw error;
  }
}
