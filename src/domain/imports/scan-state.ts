import type { EntityKey, EntityType } from '../entity.ts';
import { readItemLine } from './line-reading.ts';

/** What can go wrong with one answer of the archive's scrape, each counted by its name. */
export type ScanTrouble =
  /** The answer's cursor is one that was followed before: following it would never end. */
  | 'repeated_cursor'
  /** The total is smaller than it was. It is held against the largest one. */
  | 'shrinking_total'
  /** No cursor, though fewer items came than the total says: the archive gave up. */
  | 'early_end'
  /** No cursor, and no answer so far named a total, so that nothing tells whether this is all. */
  | 'no_total'
  /** An error, with status 200. */
  | 'error_answer'
  /** No answer that can be read. */
  | 'unreadable'
  /** The cursor is not taken any more: the scan starts again. */
  | 'refused_cursor'
  /** An item of the other kind of entity by MusicBrainz' tables: added as what it is. */
  | 'other_kind';

/** How far the scan of one collection is. */
export interface ScanState {
  /** To be asked with next; null at the beginning. */
  readonly cursor: string | null;
  /** Cursors that were followed, newest last. */
  readonly followed: readonly string[];
  /** Items of the pages that were left behind. */
  readonly seen: number;
  /** The largest total that the archive named. */
  readonly total: number | null;
  readonly added: number;
  /** Items written since this moment (ISO 8601), the dump's of a restored database, are made due; null: none are. */
  readonly changedSince: string | null;
  /** Entities that were made due for it. */
  readonly madeDue: number;
  /** Items of which the archive didn't say when they were written: they are left to the re-audits. */
  readonly undated: number;
  /** Of those, identifiers that are no item of an art archive, and the first of them. */
  readonly refused: number;
  readonly refusedExamples: readonly string[];
  /** Of those, items of the other kind of entity by MusicBrainz' tables: another query's. */
  readonly otherKind: number;
  readonly pages: number;
  readonly troubles: Readonly<Partial<Record<ScanTrouble, number>>>;
  readonly lastTrouble: string | null;
  /** Consecutive answers that led no further. */
  readonly fruitless: number;
  /** Items of a last page that was taken, though the scan would continue behind it. */
  readonly pending: number;
  /** The next page is asked for without a `count`, with which the archive has been seen to ignore the cursor. */
  readonly withoutCount: boolean;
  readonly ended: { readonly complete: boolean; readonly reason: string | null } | null;
}

export const newScan: ScanState = {
  cursor: null,
  followed: [],
  seen: 0,
  total: null,
  added: 0,
  changedSince: null,
  madeDue: 0,
  undated: 0,
  refused: 0,
  refusedExamples: [],
  otherKind: 0,
  pages: 0,
  troubles: {},
  lastTrouble: null,
  fruitless: 0,
  pending: 0,
  withoutCount: false,
  ended: null,
};

/** A page of the scrape, as it was answered to `ScanState.cursor`. */
export interface ScrapePage {
  readonly identifiers: readonly string[];
  /** When each item was last written, by its identifier; without those of which that is unknown. */
  readonly writtenAt: ReadonlyMap<string, Date>;
  readonly cursor: string | null;
  /** Null where the answer names none. */
  readonly total: number | null;
}

/** The number of consecutive answers that lead no further after which a scan ends; it can be resumed. */
export const fruitlessLimit = 5;

/** As many pages as the whole of the larger collection has, at 10,000 items each; a cursor is about 100 characters. */
const maxCursors = 500;

const maxExamples = 20;

/** Less than so much of what MusicBrainz has art for is no whole collection, whatever the archive calls its total. */
const credibleShare = 0.9;

/**
 * What an answer means for the scan: how far it is then, and whether the page's items are to be taken now (else the same
 * page is asked for again).
 *
 * @param expected how many entities MusicBrainz has art for: without a key the archive shows hardly any of these items, and
 *   calls that its total (domain page internet-archive.md, "Search").
 */
export function takePage(
  state: ScanState,
  page: ScrapePage,
  expected: number,
): { readonly state: ScanState; readonly isTaken: boolean } {
  const total = page.total === null ? state.total : Math.max(state.total ?? 0, page.total);
  const shrunk =
    state.total !== null && page.total !== null && page.total < state.total
      ? noteTrouble(state, 'shrinking_total', `the total went from ${state.total} to ${page.total}`)
      : state;
  const now: ScanState = { ...shrunk, total };
  const { cursor } = page;
  // The last of these is the one that was asked with.
  if (cursor !== null && state.followed.includes(cursor)) {
    const asked = { ...now, withoutCount: !now.withoutCount };
    return fruitless(asked, page, 'repeated_cursor', `the archive repeats the cursor ${cursor.slice(0, 60)}`);
  }
  const seen = state.seen + page.identifiers.length;
  if (cursor === null) {
    if (total === null) {
      return fruitless(now, page, 'no_total', `the answers end at ${seen} items, and none named a total`);
    }
    if (seen < total) return fruitless(now, page, 'early_end', `the answers end at ${seen} of ${total} items`);
  }
  const followed = cursor === null ? state.followed : [...state.followed, cursor].slice(-maxCursors);
  const isOther = (identifier: string): boolean => readItemLine(identifier, 0).kind !== 'named';
  const others = page.identifiers.filter(isOther);
  const isUndated = (identifier: string): boolean => !isOther(identifier) && !page.writtenAt.has(identifier);
  const behind: ScanState = {
    ...now,
    cursor,
    followed,
    seen,
    undated: state.undated + (state.changedSince === null ? 0 : page.identifiers.filter(isUndated).length),
    refused: state.refused + others.length,
    refusedExamples: [...state.refusedExamples, ...others.map((text) => text.slice(0, 100))].slice(0, maxExamples),
    pages: state.pages + 1,
    fruitless: 0,
    pending: 0,
  };
  return { state: cursor === null ? { ...behind, ended: judgeEnd(behind, expected) } : behind, isTaken: true };
}

function judgeEnd({ seen, refused, otherKind }: ScanState, expected: number): ScanState['ended'] {
  const own = seen - refused - otherKind;
  if (seen > 0 && own <= 0) {
    const reason = `none of the ${seen} items that the archive shows is one of this art archive`;
    return { complete: false, reason };
  }
  if (own >= expected * credibleShare) return { complete: true, reason: null };
  const reason =
    `the archive shows ${own} items, and MusicBrainz has art for ${expected} entities: ` +
    'without a key that may see them, most of these items are hidden';
  return { complete: false, reason };
}

/** After the last of such answers the page is taken as it is, and the scan ended; it continues with the same page. */
function fruitless(
  state: ScanState,
  page: ScrapePage,
  trouble: ScanTrouble,
  what: string,
): { readonly state: ScanState; readonly isTaken: boolean } {
  const noted = missAnswer(state, trouble, what);
  return noted.ended === null
    ? { state: noted, isTaken: false }
    : { state: { ...noted, pending: page.identifiers.length }, isTaken: true };
}

/** An answer that led no further; the last of several consecutive ones ends the scan. */
export function missAnswer(state: ScanState, trouble: ScanTrouble, what: string): ScanState {
  const noted = { ...noteTrouble(state, trouble, what), fruitless: state.fruitless + 1 };
  if (noted.fruitless < fruitlessLimit) return noted;
  return { ...noted, ended: { complete: false, reason: `${what}, ${fruitlessLimit} consecutive times` } };
}

/** The cursor is too old: from the beginning, which adds nothing twice. */
export function restartScan(state: ScanState, what: string): ScanState {
  const { troubles, lastTrouble, added, changedSince, madeDue, withoutCount } = noteTrouble(
    state,
    'refused_cursor',
    what,
  );
  const kept = { troubles, lastTrouble, added, changedSince, madeDue, withoutCount };
  return { ...newScan, ...kept, fruitless: state.fruitless + 1 };
}

/** Ends a scan for a reason that asking again doesn't change, e.g. a refused key. */
export function giveUpScan(state: ScanState, reason: string): ScanState {
  return { ...state, ended: { complete: false, reason } };
}

/**
 * The place from which a new run continues: the old one where that ended too early, else the beginning.
 *
 * @param changedSince see `ScanState`. Pages that were left behind without it, or with another one, are asked for again.
 */
export function resumeScan(state: ScanState | null, fromStart: boolean, changedSince: string | null): ScanState {
  if (
    state === null ||
    fromStart ||
    state.ended?.complete ||
    isAtHiddenEnd(state) ||
    state.changedSince !== changedSince
  ) {
    return { ...newScan, changedSince };
  }
  return { ...state, ended: null, fruitless: 0, pending: 0 };
}

/** It came to the end of all that the archive shows: there is nothing to continue with. */
function isAtHiddenEnd({ ended, cursor, pages, fruitless: missed }: ScanState): boolean {
  return ended !== null && cursor === null && pages > 0 && missed === 0;
}

/**
 * Notes a page's items that are of the other kind of entity than was asked for. They complete no scan: what it ended with is
 * judged again without them.
 *
 * @param others.expected as `takePage` has it
 */
export function noteOtherKind(
  state: ScanState,
  asked: EntityType,
  { items, expected }: { readonly items: readonly EntityKey[]; readonly expected: number },
): ScanState {
  const [first] = items;
  if (first === undefined) return state;
  const what = `${first.entityType} ${first.gid} came with the ${asked}s`;
  const noted: ScanState = {
    ...state,
    // A page that will be asked for again is counted then.
    otherKind: state.otherKind + (state.pending > 0 ? 0 : items.length),
    troubles: { ...state.troubles, other_kind: (state.troubles.other_kind ?? 0) + items.length },
    lastTrouble: `${what}${items.length > 1 ? `, and ${items.length - 1} more` : ''}`,
  };
  return noted.ended?.complete ? { ...noted, ended: judgeEnd(noted, expected) } : noted;
}

function noteTrouble(state: ScanState, trouble: ScanTrouble, what: string): ScanState {
  return {
    ...state,
    troubles: { ...state.troubles, [trouble]: (state.troubles[trouble] ?? 0) + 1 },
    lastTrouble: what,
  };
}

/** What a scan has covered, for people and programs. */
export interface ScanCoverage extends Pick<
  ScanState,
  'added' | 'lastTrouble' | 'refused' | 'refusedExamples' | 'troubles'
> {
  readonly seen: number;
  readonly total: number | null;
  /** Seen, and known before. */
  readonly known: number;
  readonly isComplete: boolean;
  /** Why it ended though it is not complete. */
  readonly reason: string | null;
  /** What was written since the dump of a restored database; null where that isn't looked for. */
  readonly changes: {
    readonly since: string;
    readonly madeDue: number;
    /** Items of which the archive doesn't say when they were written. */
    readonly undated: number;
  } | null;
}

export function coverageOf(state: ScanState): ScanCoverage {
  const { total, added, refused, refusedExamples, troubles, lastTrouble, ended, changedSince: since } = state;
  const seen = state.seen + state.pending;
  return {
    seen,
    total,
    added,
    known: Math.max(0, seen - added - refused),
    refused,
    refusedExamples,
    troubles,
    lastTrouble,
    isComplete: ended?.complete ?? false,
    reason: ended?.reason ?? null,
    changes: since === null ? null : { since, madeDue: state.madeDue, undated: state.undated },
  };
}
