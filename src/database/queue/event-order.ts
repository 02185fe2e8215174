import type { EventAction } from '../../domain/queue/indexer-event.ts';
import { compareIds } from '../row-id.ts';

/** When an event was made, in microseconds since 1970, and its id: events of one item start in this order. */
export type Place = readonly [created: number, id: number];

/** An open event, or one in progress, as far as the order per item goes. */
export interface OrderedEvent {
  readonly id: number;
  readonly place: Place;
  readonly action: EventAction;
  /** Somebody works on it, whatever its state says. */
  readonly inProgress: boolean;
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
  /**
   * What it comes after, whatever its place: what it depends on, and, where it is a deletion, the earlier copies from its
   * file; with all that these come after.
   */
  readonly pending: readonly Place[];
}

/** Tells which event holds back another one, the first in the order; undefined where it may run as far as the order goes. */
export type Holders = (event: OrderedEvent) => OrderedEvent | undefined;

/**
 * The order per item (life-cycles page, "Order per item"):
 *
 * 1. Whatever is in progress holds back all that touches one of its items.
 * 2. So does, for what comes after it, an event that is due, that is: one that could be claimed now. Whether it is itself
 *    held back by one that is due on its *other* item (it is a copy) is not asked; that one will be in progress shortly.
 * 3. One that is not due holds back only what touches the same file.
 *
 * No two events wait for each other, nor more in a circle: 2 and 3 only look back, and where an event comes after a later
 * one, 3 counts it as that much later; so whoever waits by 3 is counted later than what it waits for, and whoever waits
 * because it comes after something (`pending`) no earlier. What is left are circles of the latter alone, and there a
 * copy does not hold back the deletion that it comes after itself.
 *
 * @param neighbours the open events and those in progress that touch the items of the events to be asked about, and those
 * that touch theirs
 */
export function orderOf(neighbours: readonly OrderedEvent[]): Holders {
  const inOrder = [...neighbours].sort((one, other) => comparePlaces(one.place, other.place));
  const byItem = new Map<string, OrderedEvent[]>();
  for (const event of inOrder) {
    for (const item of new Set(event.items)) addTo(byItem, item, event);
  }
  const busy = new Map([...byItem].map(([item, events]) => [item, events.filter(({ inProgress }) => inProgress)]));
  const free = new Map<number, boolean>();

  /** Whether a queued event could be claimed now, as far as 1 and 3 go. Asked of an item's first event by all others. */
  const isFree = (event: OrderedEvent): boolean => {
    const known = free.get(event.id);
    if (known !== undefined) return known;
    const answer =
      event.ready && !othersOf(event, busy) && !othersOf(event, byItem, (other) => goesFirst(other, event));
    free.set(event.id, answer);
    return answer;
  };

  return (event) =>
    othersOf(event, busy) ?? othersOf(event, byItem, (other) => isFree(other) || goesFirst(other, event));
}

/** Adds an event to those of its group. */
export function addTo<Group, Event>(groups: Map<Group, Event[]>, group: Group, event: Event): void {
  const events = groups.get(group);
  if (events === undefined) groups.set(group, [event]);
  else events.push(event);
}

/** The first other event on an event's items; where a condition is given, of those before it that meet it. */
function othersOf(
  event: OrderedEvent,
  byItem: ReadonlyMap<string, readonly OrderedEvent[]>,
  condition?: (earlier: OrderedEvent) => boolean,
): OrderedEvent | undefined {
  for (const item of event.items) {
    for (const other of byItem.get(item) ?? []) {
      if (condition !== undefined && comparePlaces(other.place, event.place) >= 0) break;
      if (other.id !== event.id && (condition === undefined || condition(other))) return other;
    }
  }
  return undefined;
}

/** The order in which events are taken. */
export function comparePlaces([created, id]: Place, [otherCreated, otherId]: Place): number {
  return created === otherCreated ? compareIds(id, otherId) : created - otherCreated;
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
