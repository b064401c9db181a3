/**
 * E-mail addresses in text, found from their `@` outwards: each character is looked at a bounded number of times.
 *
 * No address here: `user@localhost` (no domain of the world), `git@github.com:…` (no person's mailbox), `@handle` and
 * `@scope/pkg@1.2.3` (no local part, or no top-level domain), `icon@2x.png` (a file). `alice%40example.com` is one.
 */
const AT = /@|＠|%40/g;
/** Without `? & / : < ( ,`, which stand before an address more often than in one. */
const LOCAL = /[\p{L}\p{M}\p{N}.!#$%'*+=^_`{|}~-]/u;
const DOMAIN = /[\p{L}\p{M}\p{N}.。-]/u;
/** RFC 5321 allows 64 and 255; an address with longer parts is masked from there on. */
const LONGEST_LOCAL = 256;
const LONGEST_DOMAIN = 255;
/** What only wraps an address: quotes and the marks of Markdown. */
const WRAPPING = /^[.!#%'*^`{|}~]+/;
const FILE_ENDINGS = new Set(
  "png jpg jpeg gif svg webp avif ico js mjs cjs ts tsx jsx json css scss html pdf service socket timer".split(" "),
);
const NOBODY = new Set(["git", "hg", "svn"]);

export function maskEmailAddresses(text: string): string {
  AT.lastIndex = 0;
  let masked = "";
  let done = 0;
  for (let at = AT.exec(text); at; at = AT.exec(text)) {
    const domain = domainAt(text, at.index + at[0].length);
    const local = domain && localBefore(text, at.index, done);
    // `a@b.com@c.com`: what stands before the second one is the first one's domain, which is masked already.
    if (domain && !local && done > 0 && at.index === done) {
      masked += `@${domain.masked}`;
      done = domain.end;
      continue;
    }
    if (!domain || !local || NOBODY.has(local.text)) continue;
    masked += `${text.slice(done, local.start)}${first(local.text)}***@${domain.masked}`;
    done = domain.end;
  }
  return done === 0 ? text : masked + text.slice(done);
}

function localBefore(text: string, at: number, from: number): { start: number; text: string } | undefined {
  if (text[at - 1] === '"') {
    const open = text.lastIndexOf('"', at - 2);
    const inside = text.slice(open + 1, at - 1);
    const isLocal = open >= from && inside !== "" && inside.length <= LONGEST_LOCAL && !inside.includes("\n");
    return isLocal ? { start: open, text: inside } : undefined;
  }
  let start = at;
  const least = Math.max(from, at - LONGEST_LOCAL);
  while (start > least) {
    // The second half of a pair belongs to the letter before it.
    const step = isLowSurrogate(text.charCodeAt(start - 1)) ? 2 : 1;
    if (start - step < least || !LOCAL.test(text.slice(start - step, start))) break;
    start -= step;
  }
  const raw = text.slice(start, at);
  const local = raw.replace(WRAPPING, "");
  return local === "" ? undefined : { start: at - local.length, text: local };
}

function domainAt(text: string, start: number): { end: number; masked: string } | undefined {
  if (text[start] === "[") {
    const literal = /^\[(?:IPv6:)?[0-9A-Fa-f.:]{3,45}\]/.exec(text.slice(start, start + 60))?.[0];
    return literal === undefined ? undefined : { end: start + literal.length, masked: "[***]" };
  }
  const domain = domainText(text, start);
  if (domain === "") return undefined;
  const labels = domain.split(/[.。]/);
  const top = labels.at(-1) ?? "";
  const isTop = /^(?:xn--[a-z0-9-]+|[\p{L}\p{M}]{2,63})$/iu.test(top) && !FILE_ENDINGS.has(top.toLowerCase());
  if (!isTop || labels.length < 2 || labels.some((label) => label === "" || label.startsWith("-"))) return undefined;
  return { end: start + domain.length, masked: `${first(domain)}***.${top}` };
}

/** Without the marks that end a sentence behind it. */
function domainText(text: string, start: number): string {
  const last = Math.min(text.length, start + LONGEST_DOMAIN);
  let end = start;
  while (end < last) {
    const letter = String.fromCodePoint(text.codePointAt(end) ?? 0);
    if (!DOMAIN.test(letter)) break;
    end += letter.length;
  }
  while (end > start && /[.。-]/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function first(text: string): string {
  return [...text.slice(0, 2)][0] ?? "";
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
