/** Stands between a server and its bank, and may fail at either side of the bank's work. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Failures {
  /** Answers 503, and the bank never hears of it. */
  readonly refuses?: (path: string | undefined) => boolean;
  /** The bank has worked; nobody is told. */
  readonly withholds?: (path: string | undefined) => boolean;
}

export interface Messenger {
  readonly url: string;
  close(): void;
}

export async function startMessenger(bankUrl: string, { refuses, withholds }: Failures): Promise<Messenger> {
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (refuses?.(request.url)) return void response.writeHead(503).end("{}");
    const { host: _host, connection: _connection, "content-length": _length, ...headers } = request.headers;
    const answer = await fetch(`${bankUrl}${request.url}`, {
      method: "POST",
      headers: headers as Record<string, string>,
      body: Buffer.concat(chunks),
    });
    const body = await answer.text();
    if (withholds?.(request.url)) return;
    response.writeHead(answer.status, { "content-type": "application/json" }).end(body);
  };
  // A server that is killed while it speaks breaks off.
  const server = createServer((request, response) => void pass(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
