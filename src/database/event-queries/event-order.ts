import type { EventAction } from '../../domain/indexer-event.ts';

/** When an event was made, in microseconds since 1970, and its id: events of one item start in this order. */
export type Place = readonly [created: number, id: number];

/** An open event, or one in hand, as far as the order per item goes. */
export interface OrderedEvent {
  readonly id: number;
  readonly place: Place;
  readonly action: EventAction;
  /** Somebody works on it, whatever its state says. */
  readonly inHand: boolean;
  /** By its attempts, its parents and its *not before* it could be claimed now. */
  readonly ready: boolean;
  /** It is queued, but has no attempts left. */
  readonly spent: boolean;
  /** The gids of the items that it touches. */
  readonly items: readonly string[];
  /** The files that it writes, deletes or reads. */
  readonly files: readonly string[];
  /** The file that a copy is taken from, or that a deletion deletes. */
  readonly imageFile: string | null;
  /** What it depends on, directly or not, and has not completed. */
  readonly pending: readonly Place[];
}

/**
 * The event that holds back another one (life-cycles page, "Order per item"), the first in the order; undefined where it
 * may run as far as the order goes.
 *
 * 1. Whatever is in hand holds back all that touches one of its items.
 * 2. So does, for what comes after it, an event that is due, that is: one that could be claimed now. Whether it is itself
 *    held back by one that is due on its *other* item (it is a copy) is not asked; that one will be in hand shortly.
 * 3. One that is not due holds back only what touches the same file.
 *
 * No two events wait for each other: 2 and 3 only look back, and where an event depends on a later one, 3 counts it as
 * that much later.
 *
 * @param neighbours the open events and those in hand that touch the event's items, and those that touch theirs
 */
export function holderOf(event: OrderedEvent, neighbours: readonly OrderedEvent[]): OrderedEvent | undefined {
  return neighbours
    .filter((other) => touchesSameItem(other, event))
    .filter(
      (other) => other.inHand || (isBefore(other, event) && (isFree(other, neighbours) || goesFirst(other, event))),
    )
    .sort((one, other) => comparePlaces(one.place, other.place))[0];
}

/** The order in which events are taken. */
export function comparePlaces([created, id]: Place, [otherCreated, otherId]: Place): number {
  return created === otherCreated ? id - otherId : created - otherCreated;
}

function touchesSameItem(other: OrderedEvent, event: OrderedEvent): boolean {
  return other.id !== event.id && other.items.some((item) => event.items.includes(item));
}

function isBefore(other: OrderedEvent, event: OrderedEvent): boolean {
  return comparePlaces(other.place, event.place) < 0;
}

/** Whether an event could be claimed now, as far as 1 and 3 go. */
function isFree(event: OrderedEvent, neighbours: readonly OrderedEvent[]): boolean {
  return (
    event.ready &&
    !neighbours.some(
      (other) => touchesSameItem(other, event) && (other.inHand || (isBefore(other, event) && goesFirst(other, event))),
    )
  );
}

/** Whether an earlier event goes first for the sake of a file, due or not. */
function goesFirst(earlier: OrderedEvent, event: OrderedEvent): boolean {
  const sameImage = earlier.imageFile !== null && earlier.imageFile === event.imageFile;
  if (sameImage && earlier.action === 'copy_image' && event.action === 'delete_image') {
    // Whatever becomes of the copy, its source is not deleted before.
    return !earlier.pending.some((parent) => comparePlaces(parent, event.place) === 0);
  }
  if (earlier.spent) return false;
  // The deletion may have been refused for the sake of this very copy.
  if (sameImage && earlier.action === 'delete_image' && event.action === 'copy_image') return false;
  return (
    earlier.files.some((file) => event.files.includes(file)) &&
    // A trigger appends parents to an `index` that is queued already: it then comes after them, whatever its id says.
    !earlier.pending.some((parent) => comparePlaces(parent, event.place) >= 0)
  );
}
