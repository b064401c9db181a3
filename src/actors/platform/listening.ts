/** Whether anything listens at an address: a connection is opened and closed, and nothing is sent. */
import { connect } from "cloudflare:sockets";

const PATIENCE_MS = 5_000;
/**
 * What the platform says both of an address where nothing listens and of one that sockets may not be opened to, its own network
 * among them: an HTTP request may well get to the latter.
 */
const UNCLEAR = /specified address|proxy request|not allowed/i;

/** Rejects when nothing does; `unclear`: only a request can tell. */
export async function listening({ hostname, port, protocol }: URL): Promise<"yes" | "unclear"> {
  const socket = connect({
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (protocol === "https:" ? 443 : 80),
  });
  socket.closed.catch(() => {});
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no connection in time")), PATIENCE_MS);
  });
  try {
    await Promise.race([socket.opened, late]);
    return "yes";
  } catch (error) {
    if (!UNCLEAR.test(String(error))) throw error;
    return "unclear";
  } finally {
    clearTimeout(timer);
    socket.close().catch(() => {});
  }
}
