import { WindowError } from '../clients/errors.ts';
import { auditsKeptFor } from '../database/brakes/windows.ts';
import type { EntityType } from '../domain/entity.ts';
import type { Queryable } from '../database/connection.ts';
import { createAuditObservations } from './audit-observations.ts';
import { createAuditSteps, decidingAtOnce } from './audit-steps.ts';
import { createBackfiller } from './backfill.ts';
import { createBulkWorker } from './bulk-action.ts';
import { WorkInProgress } from './claimed-events.ts';
import { createDispatcher, type DispatcherDependencies } from './dispatch.ts';
import { createWebServiceQuestions } from './document-comparisons.ts';
import { createEventHandlers } from './event-handlers.ts';
import { createEventSteps } from './event-steps.ts';
import { createHousekeeper } from './housekeeping.ts';
import { createImporter } from './import.ts';
import { type OutcomeListeners, withAuditLog, withEventLog } from './outcome-log.ts';
import { createPacer } from './pace.ts';
import { aliveDatabase, asActivities } from './run.ts';
import { createScanner } from './scan.ts';

/**
 * Every step of the deployment as activities, by who runs them. Each that isn't local to workflows reports to Temporal that it is
 * alive by what it does, never by a clock alone: one that hangs is to lose its place.
 */
export function createActivities(dependencies: DispatcherDependencies & OutcomeListeners) {
  const inProgress = new WorkInProgress(dependencies, dependencies.stopping);
  const eventSteps = inProgress.ofEvents(withEventLog(createEventSteps(dependencies), dependencies));
  const auditSteps = inProgress.ofAudits(withAuditLog(createAuditSteps(dependencies), dependencies));
  const long = { ...dependencies, db: aliveDatabase(dependencies.db) };
  return {
    inProgress,
    /** Local to workflows. */
    steps: {
      ...asActivities(eventSteps),
      ...asActivities(auditSteps),
    },
    /** What begins something new, and what looks after the rest. */
    starters: {
      ...asActivities(inProgress.claimsForOthers(eventSteps)),
      ...asActivities(createDispatcher(dependencies)),
      ...asActivities(createPacer(dependencies)),
      ...asActivities(createHousekeeper(long)),
      ...asActivities(createBackfiller(long)),
      ...asActivities(createBulkWorker(long)),
      ...asActivities(createImporter(long)),
    },
    archive: {
      ...asActivities(createEventHandlers(long)),
      ...asActivities(keptByWindows(dependencies.db, decidingAtOnce(createAuditObservations(long), auditSteps))),
      ...asActivities(createScanner(long)),
    },
    musicbrainz: asActivities(createWebServiceQuestions(long)),
  };
}

/** Milliseconds for which an answer counts: all steps of a process together ask no more often. */
const keptFor = 1_000;

/**
 * Steps of audits that ask the archive, none of which begins while a window keeps audits from it: the audit is released
 * then, and due when the window ends. The question for copies names no entity type: an audit that has come so far is kept
 * from it by windows of all types only.
 */
function keptByWindows<Steps extends object>(q: Queryable, steps: Steps): Steps {
  const asked = new Map<EntityType | null, { readonly at: number; readonly kept: ReturnType<typeof auditsKeptFor> }>();
  const ask = async (entityType: EntityType | null): Promise<void> => {
    let last = asked.get(entityType);
    if (last === undefined || performance.now() - last.at > keptFor) {
      last = { at: performance.now(), kept: auditsKeptFor(q, entityType) };
      asked.set(entityType, last);
      // Where it fails, the next step asks again.
      last.kept.catch(() => asked.delete(entityType));
    }
    const kept = await last.kept;
    if (kept !== null) throw new WindowError(kept.reason, kept.seconds);
  };
  const kept = Object.entries(steps as Record<string, (...args: never[]) => Promise<unknown>>).map(
    ([name, step]) =>
      [
        name,
        async (...args: never[]) => {
          const about = args[0] as { readonly entityType?: EntityType } | undefined;
          await ask(about?.entityType ?? null);
          return step(...args);
        },
      ] as const,
  );
  return Object.fromEntries(kept) as Steps;
}
