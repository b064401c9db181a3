/** R2 in memory, for parts of actors that are tested without workerd: as strict as R2 about the sizes of parts. */
interface Stored {
  bytes: Uint8Array;
  readonly customMetadata: Record<string, string>;
}

const LEAST_PART = 5 * 1_048_576;

export class MemoryBucket {
  readonly objects = new Map<string, Stored>();
  /** Bytes of each put and of each part, in their order. */
  readonly sent: number[] = [];
  aborted = 0;

  get bucket(): R2Bucket {
    return {
      put: async (key: string, bytes: Uint8Array, { customMetadata = {} }: Stored) => {
        this.sent.push(bytes.length);
        this.objects.set(key, { bytes: bytes.slice(), customMetadata });
      },
      get: async (key: string) => {
        const found = this.objects.get(key);
        return found ? { ...found, body: chunksOf(found.bytes) } : null;
      },
      createMultipartUpload: async (key: string, { customMetadata = {} }: Stored) => this.#upload(key, customMetadata),
    } as unknown as R2Bucket;
  }

  #upload(key: string, customMetadata: Record<string, string>) {
    const parts: Uint8Array[] = [];
    return {
      uploadPart: async (_number: number, part: Uint8Array) => {
        this.sent.push(part.length);
        parts.push(part.slice());
        return {};
      },
      complete: async () => {
        for (const part of parts.slice(0, -1))
          if (part.length < LEAST_PART || part.length !== parts[0]?.length) throw new Error("parts of other sizes");
        const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
        let at = 0;
        for (const part of parts) {
          bytes.set(part, at);
          at += part.length;
        }
        this.objects.set(key, { bytes, customMetadata });
      },
      abort: async () => {
        this.aborted += 1;
      },
    };
  }
}

/** As a body comes: in pieces that end anywhere. */
async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 40_009) yield bytes.subarray(from, from + 40_009);
}
