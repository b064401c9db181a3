/**
 * What is wrong with a value of the movies table, column by column. A value is judged once: `missing` (nothing there), `malformed`
 * (it cannot be what the column holds), `out_of_range` (it could, but not this one), else it is in order.
 *
 * The table is the one of vega-datasets: 3,201 films as collected in 2010, with real defects left in on purpose.
 */

export type Defect = "missing" | "malformed" | "out_of_range";

export interface ColumnRule {
  readonly column: string;
  /** What is asked of a value and why, in a sentence for the report. */
  readonly rule: string;
  readonly judge: (value: unknown) => Defect | undefined;
}

const MPAA_RATINGS: ReadonlySet<unknown> = new Set(["G", "PG", "PG-13", "R", "NC-17", "Not Rated"]);
const MONTHS: readonly string[] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const FIRST_FILM_YEAR = 1888;
const LAST_ANNOUNCED_YEAR = 2011;
const EMPTY_DATE = "Dec 31 1969";

/** What é, è, ê, ë, á, à, ä, ô, ó, ù, ½ and … become when Windows-1252 is read as Mac Roman; amid small letters none of them can stand. */
const GARBLED = /\p{Ll}[ÈËÍÎÙÛ·‡‰˘]|\p{L}[ÈËÍÎÙÛ·‡‰˘]\p{Ll}|\dΩ| Ö /u;

export const RULES: readonly ColumnRule[] = [
  { column: "Title", rule: "text, and not garbled by a wrong encoding (LÈon is Léon)", judge: title },
  { column: "US Gross", rule: "whole dollars, 0 or more: 0 is a film not shown in the US", judge: whole({ min: 0 }) },
  {
    column: "Worldwide Gross",
    rule: "whole dollars, 1 or more: a film that was shown took something",
    judge: whole({ min: 1 }),
  },
  { column: "US DVD Sales", rule: "whole dollars, 0 or more", judge: whole({ min: 0 }) },
  {
    column: "Production Budget",
    rule: "whole dollars, 100 or more: Tarnation was made for 218",
    judge: whole({ min: 100 }),
  },
  {
    column: "Release Date",
    rule: "a day as Jan 31 2000, from the first film (1888) to the last one announced when the table was made (2011); Dec 31 1969 is an empty date counted from 1970",
    judge: releaseDate,
  },
  { column: "MPAA Rating", rule: "G, PG, PG-13, R, NC-17 or Not Rated: there are no others", judge: mpaaRating },
  {
    column: "Running Time min",
    rule: "whole minutes, 41 to 300: a feature film is longer than 40 (the Academy's rule)",
    judge: whole({ min: 41, max: 300 }),
  },
  { column: "Distributor", rule: "text", judge: text },
  { column: "Source", rule: "text", judge: text },
  { column: "Major Genre", rule: "text", judge: text },
  { column: "Creative Type", rule: "text", judge: text },
  { column: "Director", rule: "text", judge: text },
  { column: "Rotten Tomatoes Rating", rule: "a whole percentage, 0 to 100", judge: whole({ min: 0, max: 100 }) },
  { column: "IMDB Rating", rule: "a mean of votes from 1 to 10", judge: imdbRating },
  { column: "IMDB Votes", rule: "a count, 1 or more: without votes there is no rating", judge: whole({ min: 1 }) },
];

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === "string" && value.trim() === "");
}

function text(value: unknown): Defect | undefined {
  if (isMissing(value)) return "missing";
  return typeof value === "string" ? undefined : "malformed";
}

function title(value: unknown): Defect | undefined {
  return typeof value === "string" && GARBLED.test(value) ? "malformed" : text(value);
}

function mpaaRating(value: unknown): Defect | undefined {
  return isMissing(value) || MPAA_RATINGS.has(value) ? text(value) : "malformed";
}

function imdbRating(value: unknown): Defect | undefined {
  if (isMissing(value)) return "missing";
  if (typeof value !== "number" || !Number.isFinite(value)) return "malformed";
  return value < 1 || value > 10 ? "out_of_range" : undefined;
}

function whole({
  min,
  max = Number.MAX_SAFE_INTEGER,
}: {
  readonly min: number;
  readonly max?: number;
}): ColumnRule["judge"] {
  return function judgeWhole(value) {
    if (isMissing(value)) return "missing";
    if (typeof value !== "number" || !Number.isInteger(value)) return "malformed";
    return value < min || value > max ? "out_of_range" : undefined;
  };
}

function releaseDate(value: unknown): Defect | undefined {
  if (isMissing(value)) return "missing";
  const match =
    typeof value === "string" && value !== EMPTY_DATE ? /^([A-Z][a-z]{2}) (\d{2}) (\d{4})$/.exec(value) : null;
  if (!match) return "malformed";
  const [month, day, year] = [MONTHS.indexOf(match[1] ?? ""), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(year, month, day));
  if (month < 0 || date.getUTCDate() !== day) return "malformed";
  return year < FIRST_FILM_YEAR || year > LAST_ANNOUNCED_YEAR ? "out_of_range" : undefined;
}
