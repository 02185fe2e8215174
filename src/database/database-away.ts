/** PostgreSQL's and pgbouncer's words for a server that can't be reached, shuts down, starts up or is full. */
const sqlStates = /^(08...|57P0[123]|53300)$/;
const systemErrors = /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** What the driver says itself has no code. */
const driversWords =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/**
 * Whether a statement failed because the database could not be reached, or went away: nobody's fault but the database's,
 * and nothing is known of what the statement did. To be asked of errors of statements only.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string') return sqlStates.test(code) || systemErrors.test(code);
  return driversWords.test(error.message);
}
