import { type Command, Option } from 'commander';
import type { Queryable } from '../../database/connection.ts';
import type { EventFilter } from '../../database/event-queries/index.ts';
import { type EntityType, entityTypes } from '../../domain/entity.ts';
import { type EventAction, eventActions, type EventState } from '../../domain/queue/indexer-event.ts';
import { ago } from '../database.ts';
import { readNamedOptions } from '../mbid.ts';
import { age, someText } from '../option-values.ts';

/** What the options below are read as. */
export interface FilterOptions {
  readonly state?: readonly EventState[];
  readonly entityType?: EntityType;
  readonly action?: EventAction;
  readonly reason?: string;
  readonly mbid?: string;
  /** Seconds, as the next. */
  readonly olderThan?: number;
  readonly newerThan?: number;
  readonly dismissed?: 'hidden' | 'only' | 'shown';
}

/**
 * Adds the options by which events are chosen; all that are given must hold.
 *
 * @param states those that make sense for the command
 */
export function addFilterOptions(command: Command, states: readonly EventState[]): Command {
  return command
    .addOption(new Option('--state <states...>', 'in one of these states').choices(states))
    .addOption(new Option('--entity-type <type>', 'of this kind of entity').choices(entityTypes))
    .addOption(new Option('--action <action>', 'with this action').choices(eventActions))
    .option('--reason <text>', 'with this text in one of the reasons why it failed, in any case', someText)
    .option('--mbid <mbid|url>', 'about this entity: an MBID, or a MusicBrainz or archive.org address')
    .option('--older-than <age>', 'created longer ago than this, e.g. 90m, 12h or 3d', age)
    .option('--newer-than <age>', 'created since, e.g. 90m, 12h or 3d', age)
    .addOption(
      new Option('--dismissed <which>', 'what about those that were dismissed; hidden unless told otherwise').choices([
        'hidden',
        'only',
        'shown',
      ]),
    );
}

/** Whether any of the options was given. */
export function isFiltered(options: FilterOptions): boolean {
  return filterKeys.some((key) => options[key] !== undefined);
}

const filterKeys = [
  'state',
  'entityType',
  'action',
  'reason',
  'mbid',
  'olderThan',
  'newerThan',
  'dismissed',
] as const satisfies readonly (keyof FilterOptions)[];

/** Reads what needs no database. @throws {UsageError} */
export function checkFilter(options: FilterOptions): void {
  readNamedOptions(options);
}

/**
 * The filter that the options stand for; ages are counted by the database's clock.
 *
 * @throws {UsageError}
 */
export async function readFilter(q: Queryable, options: FilterOptions): Promise<EventFilter> {
  const { state, action, reason, olderThan, newerThan, dismissed } = options;
  const { gid, entityType } = readNamedOptions(options);
  return {
    ...(state && { states: state }),
    ...(entityType && { entityType }),
    ...(action && { action }),
    ...(reason !== undefined && { reason }),
    ...(gid !== undefined && { gid }),
    ...(olderThan !== undefined && { createdBefore: await ago(q, olderThan) }),
    ...(newerThan !== undefined && { createdAfter: await ago(q, newerThan) }),
    ...(dismissed && { dismissed }),
  };
}
