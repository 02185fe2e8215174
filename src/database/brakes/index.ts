export {
  type Brake,
  type ComputedBrakeName,
  computedBrakeNames,
  keysBrake,
  stopsAudits,
  type StoredBrakeName,
  storedBrakeNames,
} from './brake.ts';
export { updateBreaker } from './breaker.ts';
export { pauseAudits, readAuditsPause, resumeAudits } from './pause-audits.ts';
export { countInProgress, readBrakes } from './read-brakes.ts';
export { type Operator, readStoredBrakes, releaseBrake, setBrake, type StoredBrake } from './stored-brakes.ts';
export { noteStuckEvents, readStuckEvents } from './stuck-events.ts';
export { noteWebServiceAnswer } from './web-service-disagreement.ts';
