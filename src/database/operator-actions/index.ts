/** What people did, as it was recorded with the change. Read only: each operation writes its own record. */
export {
  type OperatorAction,
  type OperatorActionFilter,
  type OperatorActionPage,
  readOperatorActions,
  recentActions,
} from './read-operator-actions.ts';
