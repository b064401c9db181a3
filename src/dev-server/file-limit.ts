/** Each live object keeps about three SQLite files open in workerd. */
const FILES_AN_OBJECT = 3;
/** Sockets, D1, the bundle. */
const FILES_FOR_THE_REST = 256;
const COMFORTABLE = 8_192;

/**
 * Node raises its soft limit of open files to the hard one when it starts, and workerd inherits that; so only the hard
 * limit can be too low. Returns what to do about it, if so.
 */
export function fileLimitAdvice(): string | undefined {
  const limit = openFileLimit();
  if (!(limit < COMFORTABLE)) return undefined;
  const objects = Math.floor(limit / FILES_AN_OBJECT);
  return `Only ${limit} files may be open, enough for about ${objects} executions at once. Raise it: ulimit -Hn ${COMFORTABLE}`;
}

/** How many executions may be alive at once, with some files left for everything else. */
export function mostLiveObjects(): number {
  const limit = openFileLimit();
  return Number.isFinite(limit) ? Math.max(10, Math.floor((limit - FILES_FOR_THE_REST) / FILES_AN_OBJECT)) : 1_000_000;
}

/** The soft limit, which Node has raised. `Infinity` where there is none. */
function openFileLimit(): number {
  // Else each open socket would be looked up by name.
  const report = Object.assign(process.report, { excludeNetwork: true });
  const { userLimits } = report.getReport() as unknown as {
    readonly userLimits?: { readonly open_files?: { readonly soft: number | string } };
  };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === "number" ? soft : Number.POSITIVE_INFINITY;
}
