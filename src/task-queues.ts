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

export const dispatcherWorkflowId = 'dispatch-events';
export const paceScheduleId = 'pace-audits';
export const housekeepingScheduleId = 'housekeeping';
