type Then = (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void;

/**
 * What makes a promise of anything that is awaited by protocol: promises of every kind, and query builders that begin their
 * work when `then` is called. `undefined` for a plain value. `then` is read once, and called as `await` would call it.
 */
export function thenOf(value: unknown): Then | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  try {
    const { then } = value as { readonly then?: unknown };
    if (typeof then !== "function") return undefined;
    return (resolve, reject) => Reflect.apply(then, value, [resolve, reject]);
  } catch {
    // What cannot even be read is a value that cannot be stored: the try itself went well.
    return undefined;
  }
}
