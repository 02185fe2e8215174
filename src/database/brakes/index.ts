export {
  computedBrakeNames,
  keysBrake,
  stopsAudits,
  storedBrakeNames,
  type Brake,
  type ComputedBrakeName,
  type StoredBrakeName,
} from './brake.ts';
export { updateBreaker } from './breaker.ts';
export { pauseAudits, readAuditsPause, resumeAudits } from './pause-audits.ts';
export { countInProgress, readBrakes } from './read-brakes.ts';
export { readStoredBrakes, releaseBrake, setBrake, type Operator, type StoredBrake } from './stored-brakes.ts';
export { noteStuckEvents, readStuckEvents } from './stuck-events.ts';
export { noteWebServiceAnswer } from './web-service-disagreement.ts';
