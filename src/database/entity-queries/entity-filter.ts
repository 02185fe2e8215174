import { checksFor } from '../../domain/checks/catalogue.ts';
import type { Audience } from '../../domain/checks/check.ts';
import type { EntityType } from '../../domain/entity.ts';
import type { AuditStatus } from '../audit-queries/index.ts';
import type { DueCause } from '../entity-states/make-unchecked.ts';
import type { Parameter } from '../lists/index.ts';

/** Which entities a list is about; all that is given must hold. */
export interface EntityFilter {
  readonly gid?: string;
  readonly entityType?: EntityType;
  readonly status?: AuditStatus;
  /** Of those that are `unchecked`: due now, or later. */
  readonly due?: 'later' | 'now';
  readonly cause?: DueCause;
  readonly priority?: number;
  /** Seconds since the last audit, at least. Not those that were never audited. */
  readonly auditedOlderThan?: number;
  /** Seconds since the last audit, at most. */
  readonly auditedNewerThan?: number;
  readonly neverAudited?: boolean;
  /** A check of which the newest decided audit has a finding. */
  readonly check?: string;
  /** The newest decided audit has a finding that they can act on. */
  readonly audience?: Audience;
}

/** The condition on a row `entity` that a filter stands for. */
export function conditionOf(filter: EntityFilter, parameter: Parameter): string {
  const conditions: string[] = [];
  if (filter.gid !== undefined) conditions.push(`entity.gid = ${parameter(filter.gid)}::uuid`);
  if (filter.entityType) conditions.push(`entity.entity_type = '${entityTypeLiterals[filter.entityType]}'`);
  if (filter.status) conditions.push(hasStatus(filter.status));
  if (filter.due !== undefined || filter.cause !== undefined) conditions.push(hasStatus('unchecked'));
  if (filter.due === 'now') conditions.push('entity.due_at is null');
  if (filter.due === 'later') conditions.push('entity.due_at is not null');
  if (filter.cause !== undefined) {
    conditions.push(`entity.due_at is not null and entity.due_cause = ${parameter(filter.cause)}`);
  }
  if (filter.priority !== undefined) conditions.push(`entity.priority = ${parameter(filter.priority)}::smallint`);
  if (filter.auditedOlderThan !== undefined) {
    conditions.push(`entity.last_audit_at < ${ago(parameter(filter.auditedOlderThan))}`);
  }
  if (filter.auditedNewerThan !== undefined) {
    conditions.push(`entity.last_audit_at >= ${ago(parameter(filter.auditedNewerThan))}`);
  }
  if (filter.neverAudited) conditions.push('entity.last_audit_at is null');
  if (filter.check !== undefined) conditions.push(hasFinding(parameter([filter.check])));
  if (filter.audience !== undefined) conditions.push(hasFinding(parameter(checksFor(filter.audience))));
  return conditions.length === 0 ? 'true' : conditions.join(' and ');
}

function hasFinding(checks: string): string {
  return `exists (
    select from artwork_reconciler.standing_finding standing
    where standing.audit_entity_id = entity.id and standing.check_name = any (${checks}::text[]))`;
}

/** Written out, not a parameter: only so does every plan use the partial indexes. */
export function hasStatus(status: AuditStatus): string {
  return `entity.status = '${statusLiterals[status]}'`;
}

export const ago = (seconds: string): string => `now() - make_interval(secs => ${seconds}::float8)`;

/** Nothing but these reaches a statement's text. */
const statusLiterals: Readonly<Record<AuditStatus, string>> = {
  unchecked: 'unchecked',
  audit_in_progress: 'audit_in_progress',
  clean: 'clean',
  manual_review: 'manual_review',
  repair_queue: 'repair_queue',
  legacy: 'legacy',
};
export const entityTypeLiterals: Readonly<Record<EntityType, string>> = { release: 'release', event: 'event' };
