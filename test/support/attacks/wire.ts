/** Attacks as bytes on a socket of their own, and what a state folder holds afterwards. Knows no HTTP library. */
import { globSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Answer, Attack, Things } from "./attack.ts";
import { filled } from "./attack.ts";

const PATIENCE_MS = 30_000;

/** Sends these very bytes and reads until the server closes. No second try: an answer that is cut off is a fault. */
export function send(port: number, attack: Attack, things: Things): Promise<Answer> {
  const sent = bytesOf(attack, things);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(sent));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`no answer to "${attack.name}"`)));
    socket.on("data", (data) => {
      chunks.push(Buffer.from(data));
      if (isWhole(Buffer.concat(chunks).toString("latin1"))) socket.destroy();
    });
    let failure: Error | undefined;
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("close", () => {
      if (chunks.length > 0) resolve(answerOf(Buffer.concat(chunks)));
      else reject(failure ?? new Error(`closed without an answer to "${attack.name}"`));
    });
  });
}

function bytesOf({ raw, method, path, headers, body }: Attack, things: Things): Buffer {
  if (raw !== undefined) return Buffer.from(filled(raw, things), "latin1");
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const content = typeof body === "string" ? Buffer.from(filled(body, things)) : Buffer.from(body ?? []);
  const upgrades = headers.some(([name]) => name.toLowerCase() === "upgrade");
  const head = [
    `${method} ${filled(path, things)} HTTP/1.1\r\nHost: localhost\r\n${lines}`,
    `Connection: ${upgrades ? "Upgrade" : "close"}\r\n`,
    body === undefined ? "" : `Content-Length: ${content.length}\r\n`,
    "\r\n",
  ].join("");
  return Buffer.concat([Buffer.from(head, "latin1"), content]);
}

/** The whole body of a declared length is here: the server may keep the connection open for more. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1];
  return end > 0 && length !== undefined && text.length >= end + 4 + Number(length);
}

function answerOf(bytes: Buffer): Answer {
  const end = bytes.indexOf("\r\n\r\n");
  const head = bytes.subarray(0, end).toString("latin1");
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]),
    contentType: /\r\ncontent-type: ([^\r]*)/i.exec(head)?.[1] ?? "",
    text: bytes.subarray(end + 4).toString(),
  };
}

export interface Kept {
  /** Every file of the state folder but SQLite's own companions, which come and go. */
  readonly files: readonly string[];
  /** Rows of each table of the registry. */
  readonly rows: Readonly<Record<string, number>>;
}

export function keptIn(stateDir: string): Kept {
  const files = globSync("**/*.*", { cwd: stateDir }).filter((file) => !/-(shm|wal)$/.test(file));
  const rows: Record<string, number> = {};
  for (const file of files.filter((name) => /\bd1\b.*[0-9a-f]{64}\.sqlite$/.test(name))) {
    const database = new DatabaseSync(join(stateDir, file), { readOnly: true });
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    for (const { name } of tables) {
      rows[String(name)] = Number(database.prepare(`SELECT count(*) AS n FROM "${name}"`).get()?.n);
    }
    database.close();
  }
  return { files: files.sort(), rows };
}
