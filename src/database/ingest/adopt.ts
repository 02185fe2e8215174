import type { DeploymentIdentity } from '../../domain/deployment.ts';
import { type Project, projects } from '../../domain/entity.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { makeDueSince } from '../entities/make-due.ts';
import type { Operator } from '../operators/recorded.ts';
import { readIdentity, readSystemIdentifier } from '../schema/deployment.ts';

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
