/**
 * Definitions in the place of those that are wrong, where faults are kept: a runtime does not look for faults in them, as
 * those are known already.
 */
const STAND_INS = new WeakSet<object>();

export function standIn<T extends object>(definition: T): T {
  STAND_INS.add(definition);
  return definition;
}

export function isStandIn(definition: object): boolean {
  return STAND_INS.has(definition);
}
