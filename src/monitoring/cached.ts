/** Something that is read at a cost, and given out again for a while. */
export interface Kept<Value> {
  /**
   * What was read last, if that is recent enough, else what is read now. Null where it can't be read. Where it isn't there in
   * time, what was read before it, if that is not too `stale`, else null: what takes longer continues, and is there the next
   * time. Never is it read twice at once, unless it was forgotten meanwhile.
   */
  get(): Promise<Value | null>;
  /** What was read so far counts as recent no more: something was changed since. */
  forget(): void;
}

export interface KeepOptions {
  /** Milliseconds that a value counts as recent. A failure is kept as long: what is away isn't asked all the time. */
  readonly keep: () => number;
  /** Milliseconds that a reader waits. */
  readonly patience: () => number;
  /** Milliseconds that a value is better than none, where a newer one isn't there in time; none where not given. */
  readonly stale?: number;
  readonly onError?: (error: unknown) => void;
}

export function keep<Value>(
  read: () => Promise<Value>,
  { keep, patience, stale = 0, onError }: KeepOptions,
): Kept<Value> {
  let last: { readonly value: Value | null; readonly at: number } | undefined;
  let reading: Promise<Value | null> | undefined;
  // Of what was forgotten while it was read, the next reader gets none.
  let generation = 0;
  const readNow = async (): Promise<Value | null> => {
    const begun = generation;
    let value: Value | null = null;
    try {
      value = await read();
    } catch (error) {
      onError?.(error);
    }
    if (begun === generation) {
      last = { value, at: performance.now() };
      reading = undefined;
    }
    return value;
  };
  return {
    async get() {
      if (last !== undefined && performance.now() - last.at < keep()) return last.value;
      reading ??= readNow();
      const before = last !== undefined && performance.now() - last.at < stale ? last.value : null;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<Value | null>((resolve) => {
        timer = setTimeout(() => resolve(before), patience());
      });
      return Promise.race([reading, late]).finally(() => clearTimeout(timer));
    },
    forget() {
      generation += 1;
      last = undefined;
      reading = undefined;
    },
  };
}

/**
 * The same of what is read for a key: each is kept separately.
 *
 * @param most keys that are kept; of others the one that was read first is forgotten
 */
export function keepEach<Key, Value>(
  read: (key: Key) => Promise<Value>,
  options: KeepOptions,
  most: number,
): (key: Key) => Promise<Value | null> {
  const kept = new Map<Key, Kept<Value>>();
  return (key) => {
    let one = kept.get(key);
    if (one === undefined) {
      one = keep(() => read(key), options);
      const [oldest] = kept.keys();
      if (kept.size >= most) kept.delete(oldest!);
      kept.set(key, one);
    }
    return one.get();
  };
}
