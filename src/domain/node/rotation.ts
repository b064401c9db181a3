/** What takes part in a rotation. */
export interface Weighted {
  readonly version: string;
  readonly weight: number;
}

/** Those that are picked from: a version of weight 0 only where no other is there. */
export function weighedOf<Candidate extends Weighted>(candidates: readonly Candidate[]): readonly Candidate[] {
  const weighed = candidates.filter(({ weight }) => weight > 0);
  return weighed.length > 0 ? weighed : candidates.slice(0, 1);
}

/**
 * Weighted round robin over the versions of each node: of 3 and 1 every fourth pick is the other one, evenly spread. A
 * version of weight 0 is picked only where no other is there. It remembers nothing across a restart.
 */
export class Rotation {
  readonly #credits = new Map<string, Map<string, number>>();

  pick<Candidate extends Weighted>(nodeId: string, candidates: readonly Candidate[]): Candidate | undefined {
    const weighed = weighedOf(candidates);
    if (weighed.length <= 1) return weighed[0];
    const before = this.#credits.get(nodeId);
    const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
    const credits = new Map(weighed.map(({ version, weight }) => [version, (before?.get(version) ?? 0) + weight]));
    const [first, ...rest] = weighed;
    const creditOf = ({ version }: Weighted) => credits.get(version) ?? 0;
    const picked = rest.reduce((best, one) => (best && creditOf(one) <= creditOf(best) ? best : one), first);
    if (picked) credits.set(picked.version, creditOf(picked) - total);
    this.#credits.set(nodeId, credits);
    return picked;
  }

  forget(nodeId: string): void {
    this.#credits.delete(nodeId);
  }
}
