import { setTimeout as wait } from 'node:timers/promises';
import type { EntityType } from '../../domain/entity.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { columnsReadByTriggers, findUnmetNeeds, type Need, queueNeeds, readingOf, unmetInWords } from './needs.ts';
import { timeLimits } from '../time-limits.ts';
import {
  readFunctionNames,
  readFunctions,
  readTriggerState,
  type Trigger,
  type TriggerState,
} from './trigger-files.ts';

/** What became of the triggers of one kind of entity. */
export interface InstalledTriggers {
  readonly entityType: EntityType;
  /** `foreign`: somebody else's fill the queue, and nothing was done; `both`: so do ours, so take one of the two away. */
  readonly outcome: 'both' | 'foreign' | 'installed' | 'present';
  /** Somebody else's triggers. */
  readonly foreign: readonly string[];
}

/** The triggers can't be installed here. Nothing was changed. */
class TriggersRefusedError extends Error {
  override readonly name = 'TriggersRefusedError';
}

/** Nobody else's key: `art_trig` in ASCII. */
const lockKey = '6172745f74726967';

export interface WaitOptions {
  /** Attempts to lock a table that is in use, a second apart. */
  readonly tries?: number;
  readonly log?: (line: string) => void;
}

/**
 * Installs triggers on MusicBrainz' tables that fill artwork-indexer's queue, where nobody else's do; the functions of
 * ours that are there already are brought up to date, and triggers that only an earlier version made go. Releases and
 * events are decided each for itself. The queue has to be there (`migrateUp`). All of it is done, or nothing.
 *
 * @throws {TriggersRefusedError} where tables or rights are missing, or a table stays in use all the while
 */
export function installTriggers(db: Database, options: WaitOptions = {}): Promise<readonly InstalledTriggers[]> {
  return whenTablesAreFree(db, options, async (tx) => {
    const states = await readTriggerState(tx);
    const wanted = states.filter(({ foreign }) => foreign.length === 0);
    await refuseMissing(tx, wanted);
    const kept = states.filter(({ foreign, present }) => foreign.length === 0 || present.length > 0);
    const kinds = kept.map(({ entityType }) => entityType);
    for (const statements of kinds.length > 0 ? await readFunctions(kinds) : []) await tx.query(statements);
    await tx.query(forEachFunction('revoke all on function %s from public'));
    for (const { create } of wanted.flatMap(({ missing }) => missing)) await tx.query(create);
    // Of an earlier version, with its triggers: whoever may not own MusicBrainz' tables can only drop them this way.
    await tx.query(forEachFunction('drop function %s cascade', await readFunctionNames()));
    return states.map(({ entityType, foreign, present, missing }) => ({
      entityType,
      foreign,
      outcome:
        foreign.length > 0 ? (present.length > 0 ? 'both' : 'foreign') : missing.length > 0 ? 'installed' : 'present',
    }));
  });
}

/**
 * Takes our triggers and their functions away again, nobody else's. What is queued stays.
 *
 * @returns the triggers that are gone: `name on table`
 * @throws {TriggersRefusedError} where a table stays in use all the while
 */
export function removeTriggers(db: Database, options: WaitOptions = {}): Promise<readonly string[]> {
  return whenTablesAreFree(db, options, async (tx) => {
    const present = (await readTriggerState(tx)).flatMap((state) => state.present);
    await tx.query(forEachFunction('drop function %s cascade'));
    return present.map(({ name, table }) => `${name} on ${table}`);
  });
}

/** Our functions are those of our schema whose names begin with `trigger_`, but for `others`. */
function forEachFunction(statement: string, others: readonly string[] = []): string {
  return `
    do $each$
    declare
      function_name text;
    begin
      for function_name in
        select function.oid::regprocedure::text from pg_catalog.pg_proc function
        where function.pronamespace = to_regnamespace('artwork_reconciler') and function.proname like 'trigger\\_%'
          and function.proname <> all ('{${others.join(',')}}')
      loop
        execute format('${statement}', function_name);
      end loop;
    end
    $each$`;
}

async function refuseMissing(q: Queryable, states: readonly TriggerState[]): Promise<void> {
  if (states.length === 0) return;
  // Their functions run with the rights of whoever makes them, which is the current user.
  const unmet = await findUnmetNeeds(q, [
    ...states.flatMap(({ entityType }) => readingOf(columnsReadByTriggers[entityType])),
    ...states.flatMap(({ missing }) => missing.map(triggerOn)),
    ...(await queueNeeds(q)),
  ]);
  if (unmet.length === 0) return;
  throw new TriggersRefusedError(
    `The triggers can't be installed: ${unmet.map(unmetInWords).join('; ')}. They would make edits at MusicBrainz fail; no trigger was changed`,
  );
}

function triggerOn({ table }: Trigger): Need {
  return { relation: table, column: null, right: 'TRIGGER' };
}

/** Runs `work` in one transaction, again and again until no table that it changes is locked by somebody else. */
async function whenTablesAreFree<Result>(
  db: Database,
  { tries = 120, log }: WaitOptions,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction(async (tx) => {
        // A notice for every trigger that goes with its function.
        await tx.query(`set local client_min_messages = warning`);
        await tx.query(`select pg_advisory_xact_lock(x'${lockKey}'::bigint)`);
        return work(tx);
      }, timeLimits.triggers);
    } catch (error) {
      if ((error as { code?: string }).code !== lockNotAvailable) throw error;
      if (attempt >= tries) {
        throw new TriggersRefusedError(
          `One of MusicBrainz' tables was in use all the while (${attempt} tries): no trigger was changed. Try again at a quieter time`,
          { cause: error },
        );
      }
      if (attempt === 1) log?.("Waiting for a moment in which nobody writes to MusicBrainz' tables …");
      await wait(1000);
    }
  }
}

/** PostgreSQL's `lock_not_available`. */
const lockNotAvailable = '55P03';
