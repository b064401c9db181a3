/**
 * Where mails come in: `POST /inbound-mail` with the whole mail (MIME) as the body, signed. What a mail says is on disk before it is
 * answered, and is handed to the subtask that waits for it; a mail that belongs to none of ours is answered all the same.
 */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readMail } from "./inbound-mail.ts";
import type { MailLog } from "./mail-log.ts";
import { isSigned, SIGNATURE } from "./signature.ts";

const LONGEST_BODY = 10_000_000;
const PATH = "/inbound-mail";

interface Parts {
  readonly port: number;
  readonly secret: string;
  readonly log: MailLog;
  /** Called with the Message-ID of the mail of ours about which something came in. */
  readonly arrived: (id: string) => Promise<void>;
}

export interface InboundServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function inboundServer(parts: Parts): Promise<InboundServer> {
  const server = createServer((request, response) => {
    answer(parts, request).then(
      ({ status, body }) => send(response, status, body),
      () => send(response, 500, { error: "the mail could not be taken" }),
    );
  });
  server.listen(parts.port, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${PATH}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function answer({ secret, log, arrived }: Parts, request: IncomingMessage) {
  if (request.method !== "POST" || request.url !== PATH) return { status: 404, body: { error: `POST ${PATH}` } };
  const mime = await bodyOf(request);
  if (!mime) return { status: 413, body: { error: `a mail may have ${LONGEST_BODY} bytes` } };
  const signature = request.headers[SIGNATURE];
  if (!isSigned(mime, secret, typeof signature === "string" ? signature : undefined))
    return { status: 401, body: { error: "the signature does not fit" } };
  const { about, from, excerpt, bounce, isAutomatic } = await readMail(mime);
  const id = about.find((each) => log.mail(each) !== undefined);
  if (id === undefined) return { status: 202, body: { belongs_to: null } };
  // "Out of office", or "it takes longer": what it is about still waits.
  if (bounce === undefined && isAutomatic)
    return { status: 202, body: { belongs_to: id, bounce: false, automatic: true } };
  if (bounce === undefined) await log.replied(id, { from, excerpt });
  else await log.bounced(id, bounce);
  await arrived(id);
  return { status: 202, body: { belongs_to: id, bounce: bounce !== undefined } };
}

/** `undefined` for one that is too long. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
