/** Where an object is placed that is made later than its caller asked: near that caller, where the platform says where it is. */
export interface CallerPlace {
  /** Two letters. */
  readonly continent?: unknown;
  /** Degrees, as text. */
  readonly longitude?: unknown;
}

/** Continents that the platform cuts in two: the longitude, what lies west of it, what lies east. */
const CUT = new Map<unknown, readonly [number, string, string]>([
  ["NA", [-100, "wnam", "enam"]],
  ["EU", [15, "weur", "eeur"]],
  ["AS", [60, "me", "apac"]],
]);
const WHOLE = new Map<unknown, string>([
  ["SA", "sam"],
  ["AF", "afr"],
  ["OC", "oc"],
]);

/** The platform's word for a region; `undefined` where nothing is known of the caller, as on one machine. */
export function regionOf({ continent, longitude }: CallerPlace = {}): string | undefined {
  const cut = CUT.get(continent);
  if (!cut) return WHOLE.get(continent);
  const [at, west, east] = cut;
  const degrees = Number(longitude ?? Number.NaN);
  return Number.isFinite(degrees) && degrees < at ? west : east;
}
