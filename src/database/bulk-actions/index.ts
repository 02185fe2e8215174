/** What a person does to many rows at once: dry run, confirmation, batches. What can be done is told by `BulkKind`s. */
export { listBulkActions, readBulkAction, type BulkAction, type BulkState, type BulkTally } from './bulk-action.ts';
export {
  changed,
  type BatchRow,
  type BulkBatch,
  type BulkFate,
  type BulkKind,
  type BulkKinds,
  type BulkOutcome,
  type ChosenRow,
} from './bulk-kind.ts';
export { confirmBulkAction } from './confirm-bulk-action.ts';
export { forgetUnconfirmed, stopBulkAction } from './end-bulk-action.ts';
export { leaveBulkAction, noteFault, takeBulkAction, type LeaseHolder } from './lease.ts';
export { listBulkRows, type BulkRow, type BulkRowPage } from './list-bulk-rows.ts';
export { planBulkAction } from './plan-bulk-action.ts';
export { stepBulkAction, type BulkStep } from './step.ts';
