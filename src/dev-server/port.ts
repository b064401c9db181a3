import { createServer } from "node:net";

/** One sentence when this port of an address cannot be bound now. */
export async function takenPort(port: number, host: string): Promise<string | undefined> {
  if (await isPortFree(port, host)) return undefined;
  return `Port ${port} of ${host} is taken. Stop what listens there, or choose another: --port 8788`;
}

/** Whether this port of an address can be bound now; 0 (any free port) always can. */
function isPortFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host }, () => probe.close(() => resolve(true)));
  });
}
