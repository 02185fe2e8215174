/** What a person does to many rows at once: dry run, confirmation, batches. What can be done is told by `BulkKind`s. */
export { type BulkAction, type BulkState, type BulkTally, listBulkActions, readBulkAction } from './bulk-action.ts';
export {
  type BatchRow,
  type BulkBatch,
  type BulkFate,
  type BulkKind,
  type BulkKinds,
  type BulkOutcome,
  changed,
  type ChosenRow,
} from './bulk-kind.ts';
export { confirmBulkAction } from './confirm-bulk-action.ts';
export { forgetUnconfirmed, stopBulkAction } from './end-bulk-action.ts';
export { type LeaseHolder, leaveBulkAction, noteFault, takeBulkAction } from './lease.ts';
export { type BulkRow, type BulkRowPage, listBulkRows } from './list-bulk-rows.ts';
export { planBulkAction } from './plan-bulk-action.ts';
export { type BulkStep, stepBulkAction } from './step.ts';
