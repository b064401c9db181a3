/**
 * Whether this Node can run the launcher: plain JavaScript without a package, so that an old Node gets as far as the
 * sentence. wrangler needs Node 22; 22.18 is the first that runs TypeScript as it is.
 */
const OLDEST = [22, 18];

/** One sentence for a Node that is too old; undefined for one that will do. */
export function nodeTooOld(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return `Errand's server needs Node ${OLDEST.join(".")} or newer, and this is ${version}. Install a newer one (https://nodejs.org), or start by npm: npm install brings one of its own.`;
}
