/** What people did, as it was recorded with the change. Read only: each operation writes its own record. */
export {
  readOperatorActions,
  recentActions,
  type OperatorAction,
  type OperatorActionFilter,
  type OperatorActionPage,
} from './read-operator-actions.ts';
