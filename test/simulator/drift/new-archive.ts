import { ArchiveState } from '../../../src/simulator/archive/archive-state.ts';

/** An archive without a server, that applies what is ordered as soon as it is told to settle. */
export function newArchive(): ArchiveState {
  return new ArchiveState({
    seed: 1,
    now: Date.now,
    applySeconds: { min: 0, max: 0 },
    errorEnd: () => ({ seconds: 0, ends: 'applied' }),
  });
}
