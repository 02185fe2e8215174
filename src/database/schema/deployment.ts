import type { DeploymentIdentity } from '../../domain/deployment.ts';
import type { Queryable } from '../connection.ts';

/** The database is a copy of another deployment's, or was moved; only a person knows which. */
export class CopiedDatabaseError extends Error {
  override readonly name = 'CopiedDatabaseError';
  constructor(identity: DeploymentIdentity) {
    super(
      `The database is a copy: ${inWords(identity)} was made elsewhere, on another server or under another name. Nothing ` +
        'was started. `artwork-reconciler adopt` makes it a separate deployment, which needs its own namespace in ' +
        'Temporal; `adopt --moved` says that it is the same one, restored or upgraded',
    );
  }
}

/** Temporal's namespace belongs to another database. */
export class OtherDatabaseError extends Error {
  override readonly name = 'OtherDatabaseError';
  constructor(theirs: DeploymentIdentity, ours: DeploymentIdentity) {
    super(
      `This namespace of Temporal belongs to ${inWords(theirs)}, and here ${inWords(ours)} is configured: nothing is ` +
        'done here. Give each database its own namespace (TEMPORAL_NAMESPACE); docs/temporal.md says how one is ' +
        'handed over',
    );
  }
}

/** The words of both errors, and of `check`. */
export function inWords({ id, database }: DeploymentIdentity): string {
  return `the database ${database} (deployment ${id})`;
}

/** @throws {CopiedDatabaseError} */
export async function readIdentity(q: Queryable): Promise<DeploymentIdentity> {
  const { rows } = await q.query<{ id: string; database: string; oid: number; actual: number; system: string | null }>(
    `select identity::text as id, current_database() as database, database_oid::int8 as oid, system_identifier as system,
            (select oid::int8 from pg_database where datname = current_database()) as actual
     from artwork_reconciler.deployment`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('artwork_reconciler.deployment is empty: its one row is made by `migrate`');
  const system = await readSystemIdentifier(q);
  const identity = { id: row.id, database: row.database };
  const isElsewhere = system !== null && row.system !== null && system !== row.system;
  if (isElsewhere || row.oid !== row.actual) throw new CopiedDatabaseError(identity);
  return identity;
}

/**
 * For what was given the identity of whom it works for: a worker of another database may have taken it.
 *
 * @param served null where it is not known yet
 * @returns this database's own
 * @throws {OtherDatabaseError}
 * @throws {CopiedDatabaseError}
 */
export async function requireIdentity(
  q: Queryable,
  served: DeploymentIdentity | null | undefined,
): Promise<DeploymentIdentity> {
  const own = await readIdentity(q);
  if (served && served.id !== own.id) throw new OtherDatabaseError(served, own);
  return own;
}

/**
 * The same for a single step of an event or an audit, in one row: whether the database is a copy is checked by whoever
 * started it.
 *
 * @returns why it is not to be done here, or null
 */
export async function whyNotOurs(q: Queryable, served: DeploymentIdentity | null | undefined): Promise<string | null> {
  if (!served) return null;
  const { rows } = await q.query<DeploymentIdentity>(
    `select identity::text as id, current_database() as database from artwork_reconciler.deployment where identity <> $1`,
    [served.id],
  );
  return rows[0] === undefined ? null : new OtherDatabaseError(served, rows[0]).message;
}

/** Null where this user may not see it. */
export async function readSystemIdentifier(q: Queryable): Promise<string | null> {
  const { rows } = await q.query<{ allowed: boolean }>(
    `select has_function_privilege('pg_catalog.pg_control_system()', 'execute') as allowed`,
  );
  if (rows[0]?.allowed !== true) return null;
  const { rows: found } = await q.query<{ system: string }>(
    'select system_identifier::text as system from pg_control_system()',
  );
  return found[0]?.system ?? null;
}
