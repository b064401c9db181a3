/**
 * Reads TypeScript just well enough to know what it imports, without a compiler: TypeScript 7 has no API for it, and
 * import lexers see only what is left after types are erased, while type-only imports are arrows too.
 *
 * - Comments and the text of template literals become spaces; code inside `${}` stays; lines keep their numbers.
 * - Quoted strings without white space stay as they are, since module names are strings; others become spaces.
 * - A slash begins a regular expression where a value may begin, otherwise it divides.
 */
interface Cursor {
  readonly text: string;
  at: number;
  out: string;
}

/** The text with comments, template text and regular expressions blanked. */
export function codeOnly(text: string): string {
  const cursor: Cursor = { text, at: 0, out: "" };
  readCode(cursor, false);
  return cursor.out;
}

/** The names of all modules a text imports, re-exports or names in an import type. */
export function importsOf(text: string): string[] {
  const code = codeOnly(text);
  const named = code.matchAll(/(?:^|[;}\s])(?:import|export)\b(?:[^;"'=()]*?)\bfrom\s*(["'])([^"'\n]+)\1/g);
  const bare = code.matchAll(/(?:^|[;}\s])import\s*(["'])([^"'\n]+)\1/g);
  const called = code.matchAll(/\b(?:import|require)\s*\(\s*(["'])([^"'\n]+)\1/g);
  return [...named, ...bare, ...called].flatMap((match) => (match[2] ? [match[2]] : []));
}

/** Reads to the end, or in a template's `${}` to the brace that closes it. */
function readCode(cursor: Cursor, inTemplate: boolean): void {
  let depth = 0;
  while (cursor.at < cursor.text.length) {
    const two = cursor.text.slice(cursor.at, cursor.at + 2);
    const one = two.charAt(0);
    if (two === "//") blankUntil(cursor, /\n|$/g);
    else if (two === "/*") blankUntil(cursor, /\*\/|$/g, 2);
    else if (one === '"' || one === "'") keepString(cursor, one);
    else if (one === "`") readTemplate(cursor);
    else if (one === "/" && valueMayBegin(cursor.out)) blank(cursor, regularExpressionLength(cursor));
    else {
      if (one === "{") depth += 1;
      if (one === "}") depth -= 1;
      if (inTemplate && depth < 0) return;
      keep(cursor, 1);
    }
  }
}

function readTemplate(cursor: Cursor): void {
  blank(cursor, 1);
  while (cursor.at < cursor.text.length && cursor.text[cursor.at] !== "`") {
    if (cursor.text[cursor.at] === "\\") blank(cursor, 2);
    else if (cursor.text.startsWith("${", cursor.at)) {
      blank(cursor, 2);
      readCode(cursor, true);
      blank(cursor, 1);
    } else blank(cursor, 1);
  }
  blank(cursor, 1);
}

function keepString(cursor: Cursor, quote: string): void {
  let end = cursor.at + 1;
  while (end < cursor.text.length && cursor.text[end] !== quote && cursor.text[end] !== "\n") {
    end += cursor.text[end] === "\\" ? 2 : 1;
  }
  const length = end + 1 - cursor.at;
  if (/\s/.test(cursor.text.slice(cursor.at, end))) blank(cursor, length);
  else keep(cursor, length);
}

/** 1 when it turns out to be no regular expression. */
function regularExpressionLength(cursor: Cursor): number {
  const literal = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\//y;
  literal.lastIndex = cursor.at;
  return literal.exec(cursor.text)?.[0].length ?? 1;
}

function valueMayBegin(before: string): boolean {
  return /(^|[([{,;=:!&|?+\-*%<>~^}]|\b(return|typeof|case|in|of|await|yield))$/.test(before.trimEnd());
}

function keep(cursor: Cursor, count: number): void {
  cursor.out += cursor.text.slice(cursor.at, cursor.at + count);
  cursor.at += count;
}

function blank(cursor: Cursor, count: number): void {
  cursor.out += cursor.text.slice(cursor.at, cursor.at + count).replace(/[^\n]/g, " ");
  cursor.at += count;
}

/** Blanks up to and including what `end` finds, not looking at the first `opening` characters. */
function blankUntil(cursor: Cursor, end: RegExp, opening = 0): void {
  end.lastIndex = cursor.at + opening;
  const found = end.exec(cursor.text);
  blank(cursor, found ? found.index + found[0].length - cursor.at : cursor.text.length);
}
