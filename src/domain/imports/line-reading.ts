import { isMbid } from '../entity.ts';
import { priorities } from '../priorities.ts';

/** A family of checks of the audit of 2021, and how much sooner what failed one is looked at. */
interface CheckFamily {
  /** How the names of its checks begin. */
  readonly prefix: string;
  readonly priority: number;
}

const { suspicious, named } = priorities;

/**
 * What the audit of 2021 called its checks (domain page img-129.md), the first prefix that fits. It says which entities
 * to look at first, never what to do about them: its data is years old, and each is judged afresh.
 */
const families: readonly CheckFamily[] = [
  // The audit itself failed, so nothing is known.
  { prefix: 'InternalError::', priority: named },
  // MusicBrainz deleted the release, and its item still holds something.
  { prefix: 'DeletedItem::', priority: suspicious },
  // The release was merged, and its item still holds something.
  { prefix: 'MergedItem::', priority: suspicious },
  // The release has no art, and its item or index says otherwise.
  { prefix: 'EmptyItem::', priority: suspicious },
  // Files, index, XML or metadata of an item with art are wrong.
  { prefix: 'Item::', priority: suspicious },
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
