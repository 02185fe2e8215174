import { projects } from '../entity.ts';
import { type LineReading, listPriorities, priorityOfCheck, readItemLine, readMbid } from './line-reading.ts';

/**
 * The forms of the files that the audit of 2021 left (domain page img-129.md), and of the lists made from them. Several
 * files have one form, e.g. all lists of items to mend.
 */
export const audit2021Forms = [
  'bad_items',
  'failed_checks',
  'skipped_items',
  'results_cache',
  'mbids',
  'actionable',
  'identifiers',
] as const;
export type Audit2021Form = (typeof audit2021Forms)[number];

/** What such a file is, and what an operator reads where it isn't. */
export const formDescriptions: Readonly<Record<Audit2021Form, string>> = {
  bad_items: 'a header `mbid,{check},…`, then a row of counts an item',
  failed_checks: '`{mbid}\\t{check}` a line',
  skipped_items: '`{mbid}\\t{check}` a line',
  results_cache: '`{mbid}\\t{check}\\t{PASSED|FAILED|ITEM SKIPPED}` a line',
  mbids: 'one MBID a line',
  actionable: '`{mbid}\\t{MB url}\\t{archive.org url}\\t{check; check; …}` a line',
  identifiers: '`mbid-{mbid}` a line',
};

const byName: readonly (readonly [RegExp, Audit2021Form])[] = [
  [/^bad_items\b/, 'bad_items'],
  [/^failed_checks\b/, 'failed_checks'],
  [/^skipped_items\b/, 'skipped_items'],
  [/^results_cache\b/, 'results_cache'],
  [/^darkened_items\b/, 'mbids'],
  [
    /^(reindex|reindex_high_prioriy|reindex_high_priority|reindex_w_metadata|properly_empty|deleted_properly_delete|merged_properly_delete|manual_check|rederive_thumbnails|ia_set_mediatype|ia_set_noindex)(\.\w+)*$/,
    'actionable',
  ],
];

/** The form that a file's name tells, or null. */
export function formOfName(fileName: string): Audit2021Form | null {
  return byName.find(([pattern]) => pattern.test(fileName))?.[1] ?? null;
}

/** The form that a line shows, or null where it shows none. A header is the only line that shows `bad_items`. */
export function formOfLine(line: string): Audit2021Form | null {
  if (/^mbid,/i.test(line)) return 'bad_items';
  const [first, second, third] = columnsOf(line);
  if (second === undefined) {
    if (readMbid(first) !== null) return 'mbids';
    return /^mbid-/i.test(first) && readMbid(first.slice('mbid-'.length)) !== null ? 'identifiers' : null;
  }
  if (readMbid(first) === null) return null;
  if (/^https?:/.test(second)) return 'actionable';
  if (priorityOfCheck(second) === null) return null;
  return third === undefined ? 'failed_checks' : 'results_cache';
}

/** A file that is not what its name says: nothing of it is read. */
export class WrongHeaderError extends Error {
  override readonly name = 'WrongHeaderError';
}

/** What a line is cut into: at least one cell, also where it is empty. */
type Cells = [string, ...string[]];

function columnsOf(line: string): Cells {
  return line.split('\t') as Cells;
}

/** Reads the lines of one file, in their order. Null: a line that holds nothing, as the header. */
export type LineReader = (line: string) => LineReading | null;

/** Makes the reader of a file's lines. What the file's name tells of its entities decides where the lines don't. */
export function openAudit2021Reader(form: Audit2021Form, fileName: string): LineReader {
  switch (form) {
    case 'bad_items':
      return openBadItems();
    case 'failed_checks':
      return (line) => readCheckLine(line, (priority) => priority);
    case 'skipped_items':
      return (line) => readCheckLine(line, () => listPriorities.named);
    case 'results_cache':
      return readResultLine;
    case 'mbids':
      return (line) => release(line, listPriorities.darkened);
    case 'actionable': {
      const priority = /^properly_empty\b/.test(fileName) ? listPriorities.named : listPriorities.actionable;
      return (line) => readActionableLine(line, priority);
    }
    case 'identifiers':
      return (line) => {
        const reading = readItemLine(line, listPriorities.named);
        return reading.kind === 'named' ? { ...reading, entityType: projects.release.entityType } : reading;
      };
  }
}

/** A release with a priority: all that the audit of 2021 checked are releases. */
function release(mbid: string, priority: number): LineReading {
  const gid = readMbid(mbid);
  if (gid === null) return { kind: 'unreadable', reason: 'expected an MBID at its beginning' };
  return { kind: 'named', gid, entityType: projects.release.entityType, priority, wasUpperCase: gid !== mbid };
}

function openBadItems(): LineReader {
  let priorities: readonly number[] | null = null;
  return (line) => {
    const cells = line.split(',').map((cell) => cell.replace(/^"(.*)"$/, '$1')) as Cells;
    if (priorities === null) {
      priorities = readHeader(cells);
      return null;
    }
    const [mbid, ...counts] = cells;
    if (counts.length !== priorities.length) {
      return {
        kind: 'unreadable',
        reason: `has ${counts.length} counts: expected ${priorities.length}, as the header`,
      };
    }
    if (!counts.every((count) => /^\d+$/.test(count))) {
      return { kind: 'unreadable', reason: 'expected a number in each cell after the MBID' };
    }
    const failed = priorities.filter((_, column) => Number(counts[column]) > 0);
    const reading = release(mbid, Math.max(0, ...failed));
    return reading.kind === 'named' && failed.length === 0 ? { kind: 'passed' } : reading;
  };
}

function readHeader([first, ...checks]: Cells): readonly number[] {
  const priorities = checks.map(priorityOfCheck);
  const wrong = checks.find((_, column) => priorities[column] === null);
  if (first.toLowerCase() !== 'mbid' || checks.length === 0 || wrong !== undefined) {
    const got = first.toLowerCase() === 'mbid' && wrong !== undefined ? `the column ${wrong}` : `${first},…`;
    throw new WrongHeaderError(
      `its header has ${JSON.stringify(got.slice(0, 100))}: expected mbid,{check},… with names as Item::…`,
    );
  }
  return priorities.filter((priority) => priority !== null);
}

function readCheckLine(line: string, priorityFor: (ofCheck: number) => number): LineReading {
  const [mbid, check = '', ...more] = columnsOf(line);
  if (more.length > 0) return { kind: 'unreadable', reason: `has ${more.length + 2} columns: expected 2` };
  return ofCheck(mbid, check, priorityFor);
}

function ofCheck(mbid: string, check: string, priorityFor: (ofCheck: number) => number): LineReading {
  const priority = priorityOfCheck(check);
  const reading = release(mbid, priorityFor(priority ?? 0));
  if (reading.kind !== 'named' || priority !== null) return reading;
  return { kind: 'unreadable', reason: 'expected the name of a check, as Item::…, after the MBID' };
}

function readResultLine(line: string): LineReading {
  const [mbid, check = '', result, ...more] = columnsOf(line);
  if (result === undefined || more.length > 0) {
    return { kind: 'unreadable', reason: `has ${line.split('\t').length} columns: expected 3` };
  }
  if (result !== 'PASSED' && result !== 'FAILED' && result !== 'ITEM SKIPPED') {
    return { kind: 'unreadable', reason: 'expected PASSED, FAILED or ITEM SKIPPED at its end' };
  }
  const reading = ofCheck(mbid, check, (priority) => (result === 'FAILED' ? priority : listPriorities.named));
  return reading.kind === 'named' && result === 'PASSED' ? { kind: 'passed' } : reading;
}

/** The checks are for people and may be missing; where some are known, they tell the priority. */
function readActionableLine(line: string, priorityOfList: number): LineReading {
  const [mbid, musicbrainz = '', archive = '', checks = '', ...more] = columnsOf(line);
  if (more.length > 0 || !/^https?:/.test(musicbrainz) || !/^https?:/.test(archive)) {
    return { kind: 'unreadable', reason: 'expected {mbid}\\t{MB url}\\t{archive.org url}\\t{checks}' };
  }
  const known = checks.split(';').map((check) => priorityOfCheck(check.trim()) ?? 0);
  return release(mbid, Math.max(priorityOfList, ...known));
}
