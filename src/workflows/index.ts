/** Every workflow of the deployment: what the bundle is made from. Their names are their Temporal workflow types. */
export { auditEntity } from './audit-entity.ts';
export { backfill } from './backfill.ts';
export { bulkAction } from './bulk-action.ts';
export { dispatchEvents } from './dispatch-events.ts';
export { housekeeping } from './housekeeping.ts';
export { importEntities } from './import-entities.ts';
export { paceAudits } from './pace-audits.ts';
export { processEvent } from './process-event.ts';
export { scanArchive } from './scan-archive.ts';
