import { median } from './measure.ts';
import type { TableRow } from './table.ts';

/** What one figure came to in all runs of a bench. */
export interface Figure {
  readonly bench: string;
  /** The row of the bench's own table that it stands in. */
  readonly what: string;
  readonly figure: string;
  /** Of all runs; where it is no number, the last run's. */
  readonly median: number | string;
  readonly least: number | string;
  readonly most: number | string;
}

/** The tables of several runs of one bench as a list of figures, each with its median and its bounds. */
export function summarize(bench: string, runs: readonly (readonly TableRow[])[]): Figure[] {
  const seen = new Map<string, { what: string; figure: string; values: (number | string)[] }>();
  for (const rows of runs) {
    for (const row of rows) {
      const what = String(row['what'] ?? row['rows'] ?? '');
      for (const [figure, value] of Object.entries(row)) {
        if (figure === 'what') continue;
        const key = `${what}/${figure}`;
        const entry = seen.get(key) ?? { what, figure, values: [] };
        entry.values.push(value);
        seen.set(key, entry);
      }
    }
  }
  return [...seen.values()].map(({ what, figure, values }) => {
    const numbers = values.filter((value) => typeof value === 'number');
    const last = values.at(-1) ?? '';
    if (numbers.length < values.length) return { bench, what, figure, median: last, least: last, most: last };
    return { bench, what, figure, median: median(numbers), least: Math.min(...numbers), most: Math.max(...numbers) };
  });
}

/** The expected figures that no row has as a number above 0. */
export function missingFigures(expected: readonly string[], found: readonly Figure[]): string[] {
  return expected.filter(
    (name) => !found.some(({ figure, median: value }) => figure === name && typeof value === 'number' && value > 0),
  );
}
