import type { Database } from '../connection.ts';

/**
 * How long a claim by a shell lasts without being renewed. A shell renews every minute or so: ten missed ones are a
 * shell that is gone, and nobody waits long for its entity. Source: design page life-cycles.md, "Audit entities".
 */
export const shellClaimMinutes = 10;

/**
 * Keeps a shell's claim for another `shellClaimMinutes`.
 *
 * @returns false where the claim is gone: it lapsed and was given back, and the shell must not decide any more
 */
export async function renewShellClaim(
  db: Database,
  claim: { readonly entityId: number; readonly runId: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update artwork_reconciler.audit_entity
     set claim_expires_at = now() + make_interval(secs => $3)
     where id = $1 and status = 'audit_in_progress' and claim_workflow_id is null and claim_run_id = $2`,
    [claim.entityId, claim.runId, shellClaimMinutes * 60],
  );
  return rowCount === 1;
}
