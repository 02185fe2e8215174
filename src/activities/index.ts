import { createAuditObservations } from './audit-observations.ts';
import { createAuditSteps } from './audit-steps.ts';
import { createBackfiller } from './backfill.ts';
import { createDispatcher, type DispatcherDependencies } from './dispatch.ts';
import { createEventHandlers } from './event-handlers.ts';
import { createEventSteps } from './event-steps.ts';
import { createHousekeeper } from './housekeeping.ts';
import { createImporter } from './import.ts';
import { InHand } from './in-hand.ts';
import { type OutcomeListeners, withAuditLog, withEventLog } from './outcome-log.ts';
import { createPacer } from './pace.ts';
import { asActivities } from './run.ts';
import { createScanner } from './scan.ts';
import { createWebServiceQuestions } from './web-service-questions.ts';

/** Every step of the deployment as activities, by who runs them. */
export function createActivities(dependencies: DispatcherDependencies & OutcomeListeners) {
  const inHand = new InHand(dependencies, dependencies.stopping);
  const eventSteps = inHand.ofEvents(withEventLog(createEventSteps(dependencies), dependencies));
  return {
    inHand,
    /** Local to workflows. */
    steps: {
      ...asActivities(eventSteps),
      ...asActivities(inHand.ofAudits(withAuditLog(createAuditSteps(dependencies), dependencies))),
    },
    /** What begins something new, and what looks after the rest. */
    starters: {
      ...asActivities(inHand.claimsForOthers(eventSteps)),
      ...asActivities(createDispatcher(dependencies), 'bySteps'),
      ...asActivities(createPacer(dependencies), 'bySteps'),
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
