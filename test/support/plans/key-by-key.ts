/** Compares an answer with the one of a guide: each key of the guide, however deep. What the answer has beside it is left alone. */

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** Returns where the answer differs, one line a place. Of an instant the form is compared, of all else the value. */
export function differences(guide: unknown, answer: unknown, path = "$"): string[] {
  if (Array.isArray(guide)) {
    if (!Array.isArray(answer)) return [`${path}: no array, but ${JSON.stringify(answer)}`];
    const short = guide.length === answer.length ? [] : [`${path}: ${answer.length} items, not ${guide.length}`];
    return [...short, ...guide.flatMap((each, at) => differences(each, answer[at], `${path}[${at}]`))];
  }
  if (isObject(guide)) {
    if (!isObject(answer)) return [`${path}: no object, but ${JSON.stringify(answer)}`];
    return Object.entries(guide).flatMap(([key, value]) =>
      Object.hasOwn(answer, key) ? differences(value, answer[key], `${path}.${key}`) : [`${path}.${key}: is missing`],
    );
  }
  const isSame = typeof guide === "string" && INSTANT.test(guide) ? INSTANT.test(String(answer)) : guide === answer;
  return isSame ? [] : [`${path}: ${JSON.stringify(answer)}, not ${JSON.stringify(guide)}`];
}

type Kinds = Readonly<Record<string, string>>;

/** Returns the columns that are missing or of another kind. */
export function otherColumns(columns: Kinds, row: unknown): string[] {
  if (!isObject(row)) return [`no row, but ${JSON.stringify(row)}`];
  return Object.entries(columns).flatMap(([name, kind]) => {
    if (!Object.hasOwn(row, name)) return [`${name}: is missing`];
    const value = row[name];
    const isNull = value === null && kind.endsWith("?");
    return isNull || kindOf(value) === kind.replace("?", "") ? [] : [`${name}: ${kindOf(value)}, not ${kind}`];
  });
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "string" && INSTANT.test(value) ? "instant" : typeof value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
