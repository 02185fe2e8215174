import type { AuditHere } from '../activities/audit-here.ts';
import { findCheck } from '../domain/checks/index.ts';

/** An audit as a program reads it (interface page, "`audit --json`"), in one line. */
export function auditInJson({ key, identity, decision, reason, findings, repairs, requests }: AuditHere): string {
  const line = {
    entity_type: key.entityType,
    gid: key.gid,
    identity,
    decision,
    reason,
    findings: findings.map(({ check, policy, count, examples }) => ({ check, policy, count, examples })),
    repairs: repairs.map(({ action, message, dependsOn }) => ({ action, message, depends_on: dependsOn })),
    requests,
  };
  return `${JSON.stringify(line)}\n`;
}

/** An audit as a person reads it: each finding with the sentence of its check, as expected / found. */
export function auditInWords({ key, identity, decision, reason, findings, repairs }: AuditHere): string {
  const lines = [`${key.entityType} ${key.gid} (${identity}): ${decision}${reason === null ? '' : `, ${reason}`}`];
  for (const { check, policy, count, examples } of findings) {
    lines.push(`  ${check} (${policy}${count > 1 ? `, ${count} times` : ''}): ${findCheck(check)?.sentence ?? ''}`);
    for (const { subject, expected, found } of examples) {
      lines.push(`    ${subject}`, `      expected ${expected}`, `      found    ${found}`);
    }
    if (count > examples.length) lines.push(`    and ${count - examples.length} more`);
  }
  if (repairs.length > 0) lines.push('  would queue');
  for (const [position, { action, message, dependsOn }] of repairs.entries()) {
    const after = dependsOn.length === 0 ? '' : ` after ${dependsOn.map((index) => index + 1).join(', ')}`;
    lines.push(`    ${position + 1}. ${action} ${JSON.stringify(message)}${after}`);
  }
  return `${lines.join('\n')}\n`;
}
