/** What runs where (design page architecture.md, "Task queues and budgets"). */
export const taskQueues = {
  /** Workflows, database steps, the dispatcher. */
  reconciler: 'artwork-reconciler',
  /** Activities that talk to archive.org. */
  archive: 'internet-archive',
  /** Activities that only ask the web service. */
  musicbrainz: 'musicbrainz',
} as const;

/** Which of what waits on a task queue goes first: 1 before 5. They order; the budget in PostgreSQL limits. */
export const stepPriorities = { event: 1, operatorsAudit: 2, pacedAudit: 5 } as const;

/** Workflow ids are made of the row's key, so that starting twice is harmless. */
export function eventWorkflowId(eventId: number): string {
  return `event-${eventId}`;
}

export function auditWorkflowId(entityType: string, gid: string): string {
  return `audit-${entityType}-${gid}`;
}

/**
 * @param isConfirmed whether it carries the action out, or still works on its dry run: one that is about to end must not
 *   be taken for the other
 */
export function bulkActionWorkflowId(id: string, isConfirmed: boolean): string {
  return `bulk-${id}${isConfirmed ? '' : '-dry-run'}`;
}

/**
 * How long one run of a workflow may last, whatever goes wrong with it; in milliseconds. One that never ends would keep
 * the next of its id from being started (a schedule's, for one: its overlap is *skip*), and its rows claimed.
 */
export const runTimeouts = {
  /** A tick of the pacer or of housekeeping: minutes at most. */
  tick: 30 * 60_000,
  /** An attempt of an event, with all that it waits for. */
  event: 6 * 3_600_000,
  /** What it may wait for, and its steps. */
  audit: ({ maxWaitHours }: { readonly maxWaitHours: number }): number => (maxWaitHours + 6) * 3_600_000,
  /** A shift is an hour; without a worker it waits for one. Workers start it again. */
  dispatcher: 24 * 3_600_000,
  /** Half a minute of work, for which it waits where no worker is there. Workers start it again. */
  bulkAction: 24 * 3_600_000,
  /** A backfill or a scan, to where it continues as new: days at the archive's pace. */
  ingest: 30 * 24 * 3_600_000,
  /** An import, which waits up to 30 days for whoever reads its files to come back. */
  import: 90 * 24 * 3_600_000,
} as const;

export const dispatcherWorkflowId = 'dispatch-events';
export const paceScheduleId = 'pace-audits';
export const housekeepingScheduleId = 'housekeeping';
