import { z } from 'zod';
import type { Queryable } from '../../../database/connection.ts';
import type { EventFilter } from '../../../database/event-queries/index.ts';
import { entityTypes } from '../../../domain/entity.ts';
import { eventActions } from '../../../domain/queue/indexer-event.ts';
import { age, choice, freeText, named, rowId, textPart } from '../../lists/parameter-kinds.ts';
import { badInput } from '../../refusals.ts';

export const shownStates = ['failed', 'queued', 'running', 'completed', 'any'] as const;
export type ShownState = (typeof shownStates)[number];
export const dismissedChoices = ['hidden', 'only', 'shown'] as const;

/** What chooses events: the same in the address of the list and in the form that does something to all that match. */
export const filterFields = {
  state: choice(shownStates),
  entity_type: choice([...entityTypes] as ['release', 'event']),
  action: choice([...eventActions] as ['index', ...string[]]),
  reason: textPart(),
  alike: freeText(1000),
  mbid: named(),
  older: age(),
  newer: age(),
  dismissed: choice(dismissedChoices),
} as const;

export const listParameters = z.object({ ...filterFields, after: rowId() });
export type FilterParameters = Omit<z.output<typeof listParameters>, 'after'>;

/**
 * The filter that parameters stand for; ages are counted by the database's clock. Failed ones unless told otherwise.
 *
 * @throws {Refusal} 400 where two of them contradict each other
 */
export async function filterOf(q: Queryable, parameters: FilterParameters): Promise<EventFilter> {
  const { state = 'failed', action, reason, alike, mbid, older, newer, dismissed } = parameters;
  const entityType = parameters.entity_type ?? mbid?.entityType ?? undefined;
  if (mbid?.entityType && entityType !== mbid.entityType) {
    throw badInput([`mbid names a ${mbid.entityType} and entity_type says ${String(entityType)}: give one of them`]);
  }
  return {
    ...(state !== 'any' && { states: [state] }),
    ...(entityType && { entityType }),
    ...(action && { action: action as NonNullable<EventFilter['action']> }),
    ...(reason !== undefined && { reason }),
    ...(alike !== undefined && { alike }),
    ...(mbid && { gid: mbid.gid }),
    ...(older !== undefined && { createdBefore: await ago(q, older) }),
    ...(newer !== undefined && { createdAfter: await ago(q, newer) }),
    ...(dismissed && { dismissed }),
  };
}

async function ago(q: Queryable, seconds: number): Promise<Date> {
  const { rows } = await q.query<{ at: Date }>(`select now() - $1::float8 * interval '1 second' as at`, [seconds]);
  return rows[0]!.at;
}
