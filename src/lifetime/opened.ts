type Closer = () => Promise<unknown> | void;

/** What a process has opened so far, so that all of it is closed however it ends. */
export class Opened {
  readonly #closers: Closer[] = [];

  /** Closed before everything that was opened earlier. */
  add(close: Closer): void {
    this.#closers.push(close);
  }

  /**
   * Closes the last first, each whatever became of the others. Idempotent.
   *
   * @throws the first error, when all have been tried
   */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Opens more; where that fails, all is closed, and the failure stays the one that is reported. */
  async orClose<Result>(open: () => Promise<Result>): Promise<Result> {
    try {
      return await open();
    } catch (error) {
      await this.close().catch(() => undefined);
      throw error;
    }
  }
}
