/** A call of the API as a person pastes it elsewhere: into a shell, or into a program with the client. Pure. */
import type { Json } from "../../domain/values/json.ts";

export interface Start {
  readonly origin: string;
  readonly target: string;
  readonly input: Json | undefined;
  /** Whether this deployment asks for keys. */
  readonly keyed: boolean;
}

/** For `sh`: what is quoted holds whatever it holds. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const KEY_HEADER = ' \\\n  -H "Authorization: Bearer $KEY"';

export function startAsCurl({ origin, target, input, keyed }: Start): string {
  const header = keyed ? KEY_HEADER : "";
  const body = quoted(JSON.stringify({ input: input ?? {} }));
  return `curl -s ${origin}/api/v1/execute/async/${target}${header} \\\n  -d ${body}`;
}

export function startAsTypeScript({ origin, target, input, keyed }: Start): string {
  const key = keyed ? ", key: process.env.KEY" : "";
  return [
    'import { createClient } from "errand/client";',
    "",
    `const errand = createClient({ baseUrl: ${JSON.stringify(origin)}${key} });`,
    `const execution = await errand.execute(${JSON.stringify(target)}, ${JSON.stringify(input ?? {}, null, 2)});`,
    "console.log(execution.result);",
  ].join("\n");
}

export interface Look {
  readonly origin: string;
  readonly id: string;
  readonly keyed: boolean;
}

export function lookAsCurl({ origin, id, keyed }: Look): string {
  return `curl -s ${origin}/api/v1/executions/${id}${keyed ? KEY_HEADER : ""}`;
}

/** By the command `errand`, which reads a key where its user keeps one: never among its arguments. */
export function lookAsCommand({ origin, id }: Look): string {
  return `errand executions watch ${id} --url ${origin}`;
}

export function lookAsTypeScript({ origin, id, keyed }: Look): string {
  const key = keyed ? ", key: process.env.KEY" : "";
  return [
    'import { createClient } from "errand/client";',
    "",
    `const errand = createClient({ baseUrl: ${JSON.stringify(origin)}${key} });`,
    `for await (const event of errand.events(${JSON.stringify(id)})) console.log(event.seq, event.type);`,
  ].join("\n");
}
