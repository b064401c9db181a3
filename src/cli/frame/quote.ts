/** A command as a person pastes it into a shell: what is quoted holds whatever it holds. */
export function commandLine(words: readonly string[]): string {
  return ["errand", ...words.filter((word) => word !== "").map(quoted)].join(" ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
