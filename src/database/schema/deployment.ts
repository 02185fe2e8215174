import type { DeploymentIdentity } from '../../domain/deployment.ts';
import { type Project, projects } from '../../domain/entity.ts';
import type { Operator } from '../operators/recorded.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { makeDueSince } from '../entities/make-due.ts';

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

export interface Adoption {
  /** The same deployment, restored or upgraded, keeps its identity; else it is one of its own from now on. */
  readonly isMoved: boolean;
  /** Of a restored one: the moment of its dump. */
  readonly restoredAsOf: Date | null;
  readonly by: Operator;
}

/**
 * Takes the database as it stands for its own deployment, or for the same one that was moved here. Where it was restored,
 * what the queue says has changed since the dump is made due, and the moment is kept for the scans of the archive.
 *
 * @returns its identity, and how many entities were made due
 */
export async function adoptDatabase(
  db: Database,
  { isMoved, restoredAsOf, by }: Adoption,
): Promise<{ readonly identity: DeploymentIdentity; readonly madeDue: number }> {
  return db.transaction(async (tx) => {
    await writeAdoption(tx, { isMoved, restoredAsOf, by });
    const madeDue = restoredAsOf === null ? 0 : await makeDueSince(tx, restoredAsOf);
    return { identity: await readIdentity(tx), madeDue };
  });
}

async function writeAdoption(tx: Transaction, { isMoved, restoredAsOf, by }: Adoption): Promise<void> {
  const system = await readSystemIdentifier(tx);
  await tx.query(
    `with former as (select * from artwork_reconciler.deployment for update),
     written as (
       update artwork_reconciler.deployment
       set identity = case when $1 then deployment.identity else md5(random()::text || clock_timestamp()::text)::uuid end,
           system_identifier = $2,
           database_oid = (select oid from pg_database where datname = current_database()),
           -- A dump may have been made before the scans after an earlier restore had ended: theirs reach further back.
           restored_as_of = case when $1 then least(deployment.restored_as_of, $5::timestamptz) end,
           unscanned = case when not $1 then '{}'
                            when $5::timestamptz is null then deployment.unscanned
                            else $6::text[] end
       from former
       returning deployment.*
     )
     insert into artwork_reconciler.operator_action (actor, action, target, before, after, note)
     select $3, case when $1 then 'adopt moved database' else 'adopt database' end, 'deployment',
            to_jsonb(former), to_jsonb(written), $4
     from former, written`,
    [isMoved, system, by.actor, by.note ?? null, restoredAsOf, Object.values(projects).map((each) => each.collection)],
  );
}

/** The moment of the dump since which a scan of this collection is to look for written items; null where it needn't. */
export async function readRestoredAsOf(q: Queryable, collection: Project['collection']): Promise<Date | null> {
  const { rows } = await q.query<{ moment: Date }>(
    'select restored_as_of as moment from artwork_reconciler.deployment where $1 = any(unscanned)',
    [collection],
  );
  return rows[0]?.moment ?? null;
}

/**
 * A complete scan has looked for what was written since the dump. The moment is forgotten with the last collection: another
 * scan would see the same, and what was written later is no loss of the restored database's.
 *
 * @param since the moment that the scan went by: where another adoption has set an earlier one, that one stays
 */
export async function noteScannedSince(q: Queryable, collection: Project['collection'], since: Date): Promise<void> {
  await q.query(
    `update artwork_reconciler.deployment
     set unscanned = array_remove(unscanned, $1),
         restored_as_of = case when array_remove(unscanned, $1) <> '{}' then restored_as_of end
     where $1 = any(unscanned) and restored_as_of >= $2`,
    [collection, since],
  );
}

/** Null where this user may not see it. */
async function readSystemIdentifier(q: Queryable): Promise<string | null> {
  const { rows } = await q.query<{ allowed: boolean }>(
    `select has_function_privilege('pg_catalog.pg_control_system()', 'execute') as allowed`,
  );
  if (rows[0]?.allowed !== true) return null;
  const { rows: found } = await q.query<{ system: string }>(
    'select system_identifier::text as system from pg_control_system()',
  );
  return found[0]?.system ?? null;
}
