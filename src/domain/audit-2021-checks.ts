import { isMbid } from './entity.ts';

/** A family of checks of the audit of 2021, and how much sooner what failed one is looked at. */
interface CheckFamily {
  /** How the names of its checks begin. */
  readonly prefix: string;
  readonly meaning: string;
  readonly priority: number;
}

/** Source: design page life-cycles.md, "Audit entities". The usual priority is 100. */
const suspicious = 200;
/** Nothing was found: it was not looked at, or found in order. Sooner than the usual, later than what failed. */
const named = 150;

/**
 * What the audit of 2021 called its checks (domain page img-129.md), the first prefix that fits. It says which entities
 * to look at first, never what to do about them: its data is years old, and each is judged afresh.
 */
const families: readonly CheckFamily[] = [
  { prefix: 'InternalError::', meaning: 'the audit itself failed, so nothing is known', priority: named },
  {
    prefix: 'DeletedItem::',
    meaning: 'MusicBrainz deleted the release, and its item still holds something',
    priority: suspicious,
  },
  {
    prefix: 'MergedItem::',
    meaning: 'the release was merged, and its item still holds something',
    priority: suspicious,
  },
  {
    prefix: 'EmptyItem::',
    meaning: 'the release has no art, and its item or index says otherwise',
    priority: suspicious,
  },
  { prefix: 'Item::', meaning: 'files, index, XML or metadata of an item with art are wrong', priority: suspicious },
];

/** The priority that a failed check gives its entity; null where the text is no check of the audit of 2021. */
export function priorityOfCheck(check: string): number | null {
  const family = families.find(({ prefix }) => check.startsWith(prefix) && check.length > prefix.length);
  return family?.priority ?? null;
}

/** Priorities of entities that are only on a list, by what the list says of them. */
export const listPriorities = {
  /** Something is to be done about each, or a person was to look. */
  actionable: suspicious,
  /** Dark in 2021. */
  darkened: suspicious,
  /** Skipped, or found to be in order. */
  named,
} as const;

/** An MBID in canonical form from one that may be in upper case, or null. */
export function readMbid(text: string): string | null {
  const gid = text.toLowerCase();
  return isMbid(gid) ? gid : null;
}
