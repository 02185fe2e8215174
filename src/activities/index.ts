import { createAuditObservations } from './audit-observations.ts';
import { createAuditSteps } from './audit-steps.ts';
import { createBackfiller } from './backfill.ts';
import { createDispatcher, type DispatcherDependencies } from './dispatch.ts';
import { createEventHandlers } from './event-handlers.ts';
import { createEventSteps } from './event-steps.ts';
import { createHousekeeper } from './housekeeping.ts';
import { createImporter } from './import.ts';
import { withAuditLog, withEventLog, type OutcomeListeners } from './outcome-log.ts';
import { createPacer } from './pace.ts';
import { asActivities } from './run.ts';
import { createScanner } from './scan.ts';
import { createWebServiceQuestions } from './web-service-questions.ts';

/** Every step of the deployment as activities, by the task queue they run on. */
export function createActivities(dependencies: DispatcherDependencies & OutcomeListeners) {
  return {
    reconciler: {
      ...asActivities(withEventLog(createEventSteps(dependencies), dependencies)),
      ...asActivities(withAuditLog(createAuditSteps(dependencies), dependencies)),
      ...asActivities(createDispatcher(dependencies)),
      ...asActivities(createPacer(dependencies)),
      ...asActivities(createHousekeeper(dependencies)),
      ...asActivities(createBackfiller(dependencies)),
      ...asActivities(createImporter(dependencies)),
    },
    archive: {
      ...asActivities(createEventHandlers(dependencies)),
      ...asActivities(createAuditObservations(dependencies)),
      ...asActivities(createScanner(dependencies)),
    },
    musicbrainz: asActivities(createWebServiceQuestions(dependencies)),
  };
}
