import type { AppliedAudit } from '../activities/audit-apply.ts';
import type { AuditHere } from '../activities/audit-here.ts';
import { findCheck } from '../domain/checks/index.ts';

/** What is told of an audit, whether it changed something or not. */
export interface ToldAudit extends Pick<
  AuditHere,
  'decision' | 'findings' | 'identity' | 'key' | 'reason' | 'requests'
> {
  readonly repairs: readonly {
    readonly action: string;
    readonly message: unknown;
    readonly dependsOn: readonly number[];
    /** The event that was queued, or found queued, for it. */
    readonly eventId?: number | null;
  }[];
}

/** An audit that was applied, in the form of one that was not. */
export function toldOf({ key, audit }: AppliedAudit): ToldAudit {
  return { ...audit, key, identity: audit.identity ?? 'unknown' };
}

/** An audit as a program reads it (interface page, "`audit --json`"). */
export function auditInJson({ key, identity, decision, reason, findings, repairs, requests }: ToldAudit): unknown {
  return {
    entity_type: key.entityType,
    gid: key.gid,
    identity,
    decision,
    reason,
    findings: findings.map(({ check, policy, count, examples }) => ({ check, policy, count, examples })),
    repairs: repairs.map(({ action, message, dependsOn, eventId }) => ({
      action,
      message,
      depends_on: dependsOn,
      ...(eventId === undefined ? {} : { event: eventId }),
    })),
    requests,
  };
}

/** An audit as a person reads it: each finding with the sentence of its check, as expected / found. */
export function auditInWords({ key, identity, decision, reason, findings, repairs }: ToldAudit): readonly string[] {
  const lines = [`${key.entityType} ${key.gid} (${identity}): ${decision}${reason === null ? '' : `, ${reason}`}`];
  for (const { check, policy, count, examples } of findings) {
    lines.push(`  ${check} (${policy}${count > 1 ? `, ${count} times` : ''}): ${findCheck(check)?.sentence ?? ''}`);
    for (const { subject, expected, found, policy: own } of examples) {
      lines.push(
        `    ${subject}${own === policy ? '' : ` (${own})`}`,
        `      expected ${expected}`,
        `      found    ${found}`,
      );
    }
    if (count > examples.length) lines.push(`    and ${count - examples.length} more`);
  }
  const isApplied = repairs.some(({ eventId }) => typeof eventId === 'number');
  if (repairs.length > 0) lines.push(isApplied ? '  queued' : '  would queue');
  for (const [position, { action, message, dependsOn, eventId }] of repairs.entries()) {
    const after = dependsOn.length === 0 ? '' : ` after ${dependsOn.map((index) => index + 1).join(', ')}`;
    const event = typeof eventId === 'number' ? `, event ${eventId}` : '';
    lines.push(`    ${position + 1}. ${action} ${JSON.stringify(message)}${after}${event}`);
  }
  return lines;
}
