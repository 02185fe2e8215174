/** Something that is read at a cost, and given out again for a while. */
export interface Kept<Value> {
  /**
   * What was read last, if that is recent enough, else what is read now. Null where it can't be read, or isn't there in
   * time: what takes longer continues, and is there the next time. Never is it read twice at once, unless it was
   * forgotten meanwhile.
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
  readonly onError?: (error: unknown) => void;
}

export function keep<Value>(read: () => Promise<Value>, { keep, patience, onError }: KeepOptions): Kept<Value> {
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
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<null>((resolve) => {
        timer = setTimeout(() => resolve(null), patience());
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
