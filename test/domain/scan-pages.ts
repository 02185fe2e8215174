import { type ScanState, type ScrapePage, takePage } from '../../src/domain/imports/scan-state.ts';

export const itemOf = (n: number): string => `mbid-00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export const page = (count: number, cursor: string | null, total: number | null): ScrapePage => ({
  identifiers: Array.from({ length: count }, (_, n) => itemOf(n)),
  writtenAt: new Map(),
  cursor,
  total,
});

/** What the archive answers to somebody else's query. */
export const foreignPage = (count: number, cursor: string | null, total: number): ScrapePage => ({
  identifiers: Array.from({ length: count }, (_, n) => `gd77-05-0${n}`),
  writtenAt: new Map(),
  cursor,
  total,
});

/** Takes answers one after the other; MusicBrainz expects none unless told. */
export function after(state: ScanState, ...answers: readonly ScrapePage[]): ScanState {
  return answers.reduce((now, answer) => takePage(now, answer, 0).state, state);
}
