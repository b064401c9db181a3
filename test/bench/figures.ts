/** Small sums over samples. */

/** The value below which `share` of the samples lie; `NaN` of none. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

export const sum = (samples: readonly number[]): number => samples.reduce((total, sample) => total + sample, 0);
