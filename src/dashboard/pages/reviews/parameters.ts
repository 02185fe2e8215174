import { z } from 'zod';
import { reviewStatuses } from '../../../database/audit-queries/index.ts';
import { audiences } from '../../../domain/checks/check.ts';
import type { ReviewListFilter } from '../../../database/review-queries/index.ts';
import { age, choice, freeText, named, place, priority, textPart, ticked } from '../../lists/parameter-kinds.ts';
import { badInput } from '../../refusals.ts';

/** What chooses reviews: the same in the address of the list, of one review of it, and in forms. */
export const reviewFields = {
  status: choice([...reviewStatuses, 'any'] as const),
  entity_type: choice(['release', 'event']),
  mbid: named(),
  check: textPart(),
  audience: choice(audiences),
  reason: textPart(),
  group: freeText(500),
  priority: priority(),
  older: age(),
  newer: age(),
  regressed: ticked(),
} as const;

export const reviewListParameters = z.object({ ...reviewFields, after: place() });
export type ReviewParameters = Omit<z.output<typeof reviewListParameters>, 'after'>;

/** The filter that parameters stand for; open ones unless told otherwise. @throws {Refusal} 400 */
export function reviewFilterOf(parameters: ReviewParameters): ReviewListFilter {
  const {
    status = 'open',
    mbid,
    check,
    audience,
    reason,
    group,
    priority: exact,
    older,
    newer,
    regressed,
  } = parameters;
  const entityType = parameters.entity_type ?? mbid?.entityType ?? undefined;
  if (mbid?.entityType && entityType !== mbid.entityType) {
    throw badInput([`mbid names a ${mbid.entityType} and entity_type says ${entityType}: give one of them`]);
  }
  return {
    ...(status !== 'any' && { status }),
    ...(entityType && { entityType }),
    ...(mbid && { gid: mbid.gid }),
    ...(check !== undefined && { check }),
    ...(audience !== undefined && { audience }),
    ...(reason !== undefined && { text: reason }),
    ...(group !== undefined && { group }),
    ...(exact !== undefined && { priority: exact }),
    ...(older !== undefined && { olderThan: older }),
    ...(newer !== undefined && { newerThan: newer }),
    ...(regressed && { regressed: true }),
  };
}

/** The parameters of the address that choose reviews, to be kept in links and forms. */
export function queueQuery(query: (name: string) => string | undefined): string {
  const kept = new URLSearchParams();
  for (const name of Object.keys(reviewFields)) {
    const value = query(name);
    if (value) kept.set(name, value);
  }
  return kept.toString();
}
