/**
 * Classes of Durable Objects keep their objects when a migration renames them. The platform keeps a namespace for that; on
 * this machine the namespace is a text that ids and folders are made of, so it stays the one of the class's first name.
 */
interface ClassMigration {
  readonly renamed_classes?: readonly { readonly from: string; readonly to: string }[] | undefined;
}

interface Project {
  /** Of the Worker. */
  readonly name: string;
  readonly migrations: readonly ClassMigration[];
}

/** The bindings as Miniflare takes them, each renamed class with the key that its first name had. */
export function withFirstNames(bindings: object, { name, migrations }: Project): Record<string, unknown> {
  const firstNames = new Map<string, string>();
  for (const { renamed_classes: renamed = [] } of migrations)
    for (const { from, to } of renamed) {
      firstNames.set(to, firstNames.get(from) ?? from);
      firstNames.delete(from);
    }
  return Object.fromEntries(
    Object.entries<unknown>({ ...bindings }).map(([binding, options]) => {
      const className = classOf(options);
      const first = firstNames.get(className);
      return [
        binding,
        first === undefined ? options : { ...Object(options), className, unsafeUniqueKey: `${name}-${first}` },
      ];
    }),
  );
}

function classOf(options: unknown): string {
  if (typeof options === "string") return options;
  return typeof options === "object" && options !== null && "className" in options ? String(options.className) : "";
}
