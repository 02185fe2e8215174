import { type Command, Option } from 'commander';
import type { ReviewFilter, ReviewStatus } from '../../database/audit-queries/index.ts';
import type { Queryable } from '../../database/connection.ts';
import { catalogue } from '../../domain/checks/catalogue.ts';
import { type Audience, audiences } from '../../domain/checks/check.ts';
import { type EntityType, entityTypes } from '../../domain/entity.ts';
import { ago } from '../database.ts';
import { readNamedOptions } from '../mbid.ts';
import { age, someText } from '../option-values.ts';

/** What the options below are read as. */
export interface FilterOptions {
  readonly status?: ReviewStatus;
  readonly entityType?: EntityType;
  readonly check?: string;
  readonly audience?: Audience;
  readonly reason?: string;
  readonly mbid?: string;
  readonly regressed?: boolean;
  /** Seconds, as the next. */
  readonly olderThan?: number;
  readonly newerThan?: number;
}

/**
 * Adds the options by which reviews are chosen; all that are given must hold.
 *
 * @param statuses those that make sense for the command
 */
export function addFilterOptions(command: Command, statuses: readonly ReviewStatus[]): Command {
  return command
    .addOption(new Option('--status <status>', 'with this status').choices(statuses))
    .addOption(new Option('--entity-type <type>', 'of this kind of entity').choices(entityTypes))
    .addOption(new Option('--check <check>', 'with a finding of this check').choices(catalogue.map(({ name }) => name)))
    .addOption(new Option('--audience <audience>', 'for those who can act on one of its reasons').choices(audiences))
    .option('--reason <text>', 'with this text among its reasons, in any case', someText)
    .option('--mbid <mbid|url>', 'about this entity: an MBID, or a MusicBrainz or archive.org address')
    .option('--regressed', 'that came back after a person had called it resolved')
    .option('--older-than <age>', 'opened longer ago than this, e.g. 90m, 12h or 3d', age)
    .option('--newer-than <age>', 'opened since, e.g. 90m, 12h or 3d', age);
}

/** Whether any of the options was given. */
export function isFiltered(options: FilterOptions): boolean {
  return filterKeys.some((key) => options[key] !== undefined);
}

const filterKeys = [
  'status',
  'entityType',
  'check',
  'audience',
  'reason',
  'mbid',
  'regressed',
  'olderThan',
  'newerThan',
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
export async function readFilter(q: Queryable, options: FilterOptions): Promise<Omit<ReviewFilter, 'limit'>> {
  const { status, check, audience, reason, regressed, olderThan, newerThan } = options;
  const { gid, entityType } = readNamedOptions(options);
  return {
    ...(status && { status }),
    ...(entityType && { entityType }),
    ...(check !== undefined && { check }),
    ...(audience !== undefined && { audience }),
    ...(reason !== undefined && { text: reason }),
    ...(gid !== undefined && { gid }),
    ...(regressed && { regressed }),
    ...(olderThan !== undefined && { createdBefore: await ago(q, olderThan) }),
    ...(newerThan !== undefined && { createdAfter: await ago(q, newerThan) }),
  };
}
