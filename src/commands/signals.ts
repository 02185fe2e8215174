/** What a supervisor sends, from `catchSignals` on. */
export interface CaughtSignals {
  /** From now on; those that came before are given at once. */
  obey(take: (signal: NodeJS.Signals) => void): void;
  release(): void;
}

/**
 * Catches what a supervisor sends from the first moment on: a SIGHUP that comes while the process is still starting would
 * end it, and a SIGTERM would leave its start half-done.
 */
export function catchSignals(): CaughtSignals {
  const early: NodeJS.Signals[] = [];
  let taker = (signal: NodeJS.Signals): void => void early.push(signal);
  const take = (signal: NodeJS.Signals): void => taker(signal);
  process.on('SIGTERM', take).on('SIGINT', take).on('SIGHUP', take);
  return {
    obey(taken) {
      taker = taken;
      for (const signal of early.splice(0)) taken(signal);
    },
    release: () => void process.off('SIGTERM', take).off('SIGINT', take).off('SIGHUP', take),
  };
}
