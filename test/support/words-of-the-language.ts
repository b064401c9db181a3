/**
 * Words that an object of JavaScript knows without having been told: whoever keeps callers' names in a plain object finds
 * something under them. Each with a word of the same shape that nothing knows.
 */
export const WORDS: readonly (readonly [word: string, harmless: string])[] = [
  ["constructor", "constellation"],
  ["__proto__", "__photo__"],
  ["toString", "toStrong"],
  ["valueOf", "valueIf"],
  ["hasOwnProperty", "hasOneProperty"],
  ["__defineGetter__", "__defineSitter__"],
  ["then", "than"],
];
