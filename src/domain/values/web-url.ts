/** Characters that may not stand in an address that people are shown; browsers read a backslash as a slash. */
const UNFIT = /[\s\p{Cc}\\]/u;
const MAX_CHARACTERS = 2_048;

/** Returns why a text is no address of a page that a person may be sent to; `undefined` when it is one. */
export function faultOfWebUrl(text: string): string | undefined {
  if (text.length > MAX_CHARACTERS) return `must have at most ${MAX_CHARACTERS} characters`;
  const authority = /^https?:\/\/([^/?#]+)/i.exec(text)?.[1];
  if (authority === undefined || UNFIT.test(text)) return "must be an absolute http or https address";
  return authority.includes("@") ? "must hold no user name and no password" : undefined;
}
