import type { Queryable } from '../connection.ts';

/** Why an `unchecked` entity waits; what clears waits of one kind finds them by it. */
export type DueCause =
  | 'cool_down'
  | 'discarded'
  | 'event_ended'
  | 'keys_refused'
  | 'kind_disputed'
  | 'pending_events'
  | 'report_mode'
  | 'settling'
  | 'unreadable'
  | 'verification'
  | 'waited_too_long'
  | 'ws_disagrees';

/**
 * Makes an entity `unchecked`, whatever it was, and takes it out of every hand: claim, discards and the repairs it
 * waited for are cleared. The counts in a row (repairs, returns) stay, they end with a decision.
 *
 * @param wait.waitSeconds seconds from now until it is due; null is due now, and so are 0 and less
 * @param wait.priority left as it is where not given
 *
 * The caller holds the row's lock, or doesn't mind what the row was.
 */
export async function makeUnchecked(
  q: Queryable,
  entityId: number,
  wait: { readonly waitSeconds: number | null; readonly cause: DueCause | null; readonly priority?: number },
): Promise<void> {
  const waits = wait.waitSeconds !== null && wait.waitSeconds > 0;
  await q.query(
    `update artwork_reconciler.audit_entity
     set status = 'unchecked',
         due_at = now() + make_interval(secs => $2),
         due_cause = $3,
         priority = coalesce($4, priority),
         claim_workflow_id = null, claim_run_id = null, claimed_at = null,
         claimed_by = null, claim_batch = null, claim_expires_at = null,
         repair_audit_id = null, discards = 0, discarded_fingerprint = null
     where id = $1`,
    [entityId, waits ? wait.waitSeconds : null, waits ? wait.cause : null, wait.priority ?? null],
  );
}
