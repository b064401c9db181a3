/** Vectors: how they are kept, and how alike two are. Numbers are kept with 32 bits, sums are made with 64. */

/** `undefined` for what has no direction, or a number that 32 bits cannot hold. */
export function parseVector(numbers: readonly number[]): Float32Array | undefined {
  const vector = Float32Array.from(numbers);
  const fits = vector.every(Number.isFinite) && vector.some((one) => one !== 0);
  return fits ? vector : undefined;
}

/** Four bytes a number, in the order of the machine: little-endian on all that run Workers. */
export function bytesOfVector(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

export function vectorOfBytes(bytes: Uint8Array): Float32Array {
  // A view has to begin at a multiple of four.
  const own = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(own.buffer, own.byteOffset, own.byteLength / 4);
}

/** From -1 (opposite) to 1 (the same direction). Both have the same length, and a direction. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, ofA, ofB] = [0, 0, 0];
  for (let at = 0; at < a.length; at += 1) {
    const x = a[at] ?? 0;
    const y = b[at] ?? 0;
    dot += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return Math.max(-1, Math.min(1, dot / (Math.sqrt(ofA) * Math.sqrt(ofB))));
}

/** Keeps the best of what it is shown; of two with one score the one that came first. */
export class Best<T> {
  readonly #most: number;
  readonly #kept: { readonly score: number; readonly item: T }[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether one with this score would be kept. */
  takes(score: number): boolean {
    const worst = this.#kept.at(-1);
    return this.#kept.length < this.#most || (worst !== undefined && score > worst.score);
  }

  add(score: number, item: T): void {
    if (!this.takes(score)) return;
    let [low, high] = [0, this.#kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = this.#kept[middle];
      if (there && there.score >= score) low = middle + 1;
      else high = middle;
    }
    this.#kept.splice(low, 0, { score, item });
    if (this.#kept.length > this.#most) this.#kept.pop();
  }

  /** The best first. */
  get items(): readonly { readonly score: number; readonly item: T }[] {
    return this.#kept;
  }
}
