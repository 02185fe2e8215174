import type { LineReading } from '../../domain/imports/line-reading.ts';

/** What was not taken of a file: how many times, and where. */
export interface LeftOut {
  count: number;
  /** The first of them. */
  readonly examples: { readonly where: string; readonly reason: string; readonly text: string }[];
}

/** What was found in one file, or in one folder of dumps. */
export interface FileTally {
  readonly file: string;
  /** What it was taken for; null until that is known. */
  form: string | null;
  /** Lines, or files of a folder. */
  records: number;
  named: number;
  passed: number;
  /** Lines that name an entity again, in a file that has one line an entity. */
  duplicates: number;
  upperCase: number;
  /** Lines that end in CR LF. */
  crlf: number;
  hasByteOrderMark: boolean;
  /** Items of a dump that look odd by their files alone. */
  suspicious: number;
  readonly unreadable: LeftOut;
  /** Items of other collections. */
  readonly refused: LeftOut;
  /** Why the file was not read to its end, or not at all. */
  trouble: { readonly kind: 'cut_short' | 'refused'; readonly reason: string } | null;
}

/** More of them are counted and, where asked for, written to a file, but not kept. */
const maxExamples = 20;
const excerpt = 80;

export function newTally(file: string): FileTally {
  return {
    file,
    form: null,
    records: 0,
    named: 0,
    passed: 0,
    duplicates: 0,
    upperCase: 0,
    crlf: 0,
    hasByteOrderMark: false,
    suspicious: 0,
    unreadable: { count: 0, examples: [] },
    refused: { count: 0, examples: [] },
    trouble: null,
  };
}

/** Called for every record that is left out; those of a resumed import come again. */
export type OnLeftOut = (record: {
  readonly kind: 'refused' | 'unreadable';
  readonly file: string;
  readonly where: string;
  readonly reason: string;
  readonly text: string;
}) => void;

/** Counts a record's reading. */
export function count(
  tally: FileTally,
  reading: LineReading,
  { where, text, onLeftOut }: { where: () => string; text: string; onLeftOut: OnLeftOut },
): void {
  switch (reading.kind) {
    case 'named':
      tally.named += 1;
      if (reading.wasUpperCase) tally.upperCase += 1;
      return;
    case 'passed':
      tally.passed += 1;
      return;
    case 'refused':
    case 'unreadable': {
      const leftOut = tally[reading.kind];
      const record = { where: where(), reason: reading.reason, text: flat(text.slice(0, excerpt)) };
      leftOut.count += 1;
      if (leftOut.examples.length < maxExamples) leftOut.examples.push(record);
      onLeftOut({ kind: reading.kind, file: tally.file, ...record });
    }
  }
}

/** A text that holds on to nothing else: a slice keeps the whole piece that it was cut from in memory. */
export function flat(text: string): string {
  return Buffer.from(text).toString();
}
