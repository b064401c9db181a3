/** What the pages for people share: the frame, its one style, and headers under which nothing can run or be loaded. */
import { html, raw } from "hono/html";
import type { TargetExample } from "../../operations/agents/agents.ts";

type Html = ReturnType<typeof html>;

const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0 auto;max-width:60rem;padding:1rem;overflow-wrap:break-word}
code,pre{font:.875rem/1.45 ui-monospace,monospace}
pre{overflow-x:auto;padding:.75rem;border:1px solid #8884;border-radius:.4rem}
details{border-top:1px solid #8884;padding:.5rem 0}
summary{cursor:pointer}
summary b{display:inline-block;min-width:4rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8883}
td code{overflow-wrap:anywhere}
nav a{margin-right:1rem;display:inline-block}
pre.shell{white-space:pre-wrap;overflow-wrap:anywhere}
small,summary code{overflow-wrap:anywhere}
:target{background:#fd08;scroll-margin-top:4rem}
@media(max-width:40rem){.links th,.links td{display:block;border:0;padding:0}.links td{padding-bottom:.5rem}}
`;

export function pageOf(title: string, body: Html): string {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>`);
}

/** A start of this target, for a shell. */
export function curlOf(url: string, { target, input, takesFiles, needsSession }: TargetExample): string {
  const session = needsSession ? " -H 'X-Session-ID: s-1'" : "";
  const call = `curl -s ${url}/api/v1/execute/${target}${session}`;
  if (takesFiles) return `${call} -F ${quoted(`input=${JSON.stringify(input)}`)} -F files=@FILE`;
  return `${call} -d ${quoted(JSON.stringify({ input }))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

let headers: Headers | undefined;

/** Nothing may run or be loaded; the one style is named by its digest. */
export async function pageHeaders(): Promise<Headers> {
  if (headers) return headers;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(STYLE));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  headers = new Headers({
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "referrer-policy": "no-referrer",
    // What it lists changes with a deploy, and with who asks.
    "cache-control": "no-cache, private",
    vary: "Accept, Authorization, X-API-Key",
  });
  return headers;
}
