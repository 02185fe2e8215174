import sql, { type Sql } from 'sql-template-tag';
import type { Finding } from '../../domain/checks/finding.ts';
import type { Outcome, Repair } from '../../domain/decision/decision.ts';
import type { Identity } from '../../domain/entity.ts';
import type { RequestCounts } from '../../domain/queue/request-count.ts';
import { version } from '../../version.ts';
import type { Transaction } from '../connection.ts';

export interface AuditRecord {
  readonly entityId: number;
  readonly askedBy: string;
  readonly workflowId: string | null;
  readonly runId: string | null;
  readonly identity: Identity | null;
  readonly decision: Outcome;
  readonly cause: string | null;
  readonly reason: string | null;
  readonly counted: boolean | null;
  readonly mode: 'repair' | 'report' | null;
  readonly fingerprint: string | null;
  readonly findings: readonly Finding[];
  readonly requests: RequestCounts;
  readonly startedAt: Date;
}

/** The statement that adds an audit to the history, and gives its `id`; also as part of another one. */
export function insertAudit(audit: AuditRecord): Sql {
  // As `judged_before` compares it: `0.2.0-rc.1` judges by the checks of 0.2.0.
  const checksVersion = version.replace(/[-+].*$/, '');
  return sql`
    insert into artwork_reconciler.audit
      (audit_entity_id, asked_by, workflow_id, run_id, identity, decision, cause, reason, counted, mode, fingerprint,
       findings, requests, started_at, checks_version)
    values (${audit.entityId}, ${audit.askedBy}, ${audit.workflowId}, ${audit.runId}, ${audit.identity},
      ${audit.decision}, ${audit.cause}, ${audit.reason}, ${audit.counted}, ${audit.mode}, ${audit.fingerprint},
      -- pg would make a PostgreSQL array of a list.
      ${JSON.stringify(audit.findings)}, ${JSON.stringify(audit.requests)}, ${audit.startedAt}, ${checksVersion})
    returning id`;
}

/** Adds an audit to the history. @returns its number */
export async function writeAudit(tx: Transaction, audit: AuditRecord): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(insertAudit(audit));
  return numberOf(audit, rows);
}

/** @throws where no row came back */
export function numberOf({ entityId }: AuditRecord, rows: readonly { readonly id: number }[]): number {
  const [row] = rows;
  if (!row) throw new Error(`audit of entity ${entityId} was not written: expected one row`);
  return row.id;
}

/**
 * Adds what an audit ordered.
 *
 * @param eventIds of each repair, in the same order; null in report mode, where nothing was queued
 */
export async function writeAuditRepairs(
  tx: Transaction,
  auditId: number,
  repairs: readonly Repair[],
  eventIds: readonly number[] | null,
): Promise<void> {
  if (eventIds !== null && eventIds.length !== repairs.length) {
    throw new Error(`audit ${auditId}: ${eventIds.length} events for ${repairs.length} repairs: expected one for each`);
  }
  const rows = repairs.map((repair, position) => ({
    position,
    event_id: eventIds?.[position] ?? null,
    action: repair.action,
    message: repair.message,
    depends_on: repair.dependsOn,
  }));
  // One statement however many there are: the rows come as one JSON document.
  await tx.query(
    `insert into artwork_reconciler.audit_repair (audit_id, position, event_id, action, message, depends_on)
     select $1, position, event_id, action, message,
            array(select value::smallint from jsonb_array_elements_text(depends_on))
     from jsonb_to_recordset($2::jsonb)
       as repair (position smallint, event_id bigint, action text, message jsonb, depends_on jsonb)`,
    [auditId, JSON.stringify(rows)],
  );
}
