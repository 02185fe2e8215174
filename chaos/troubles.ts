import { setTimeout as wait } from 'node:timers/promises';
import { takeBrakeOff } from '../src/database/attempts/probes.ts';
import { readStoredBrakes } from '../src/database/brakes/stored-brakes.ts';
import type { Queryable } from '../src/database/connection.ts';
import { isDatabaseAway } from '../src/database/database-away.ts';
import { itemName } from '../src/domain/documents/file-names.ts';
import { type EntityType, entityTypes } from '../src/domain/entity.ts';
import { type Faults, unpleasantFaults } from '../src/simulator/archive/faults.ts';
import { artTables } from '../src/simulator/musicbrainz/insert-images.ts';
import { changeImage } from '../src/simulator/musicbrainz/changes.ts';
import type { DriftCase } from '../src/simulator/drift/drift-kind.ts';
import type { Random } from '../src/simulator/random.ts';
import type { Stage } from './stage.ts';

export type TroubleName =
  | 'crash_postgres'
  | 'fail_writes'
  | 'freeze_transaction'
  | 'freeze_worker'
  | 'hold_edit'
  | 'kill_worker'
  | 'lose_answers'
  | 'lose_temporal'
  | 'make_read_only'
  | 'refuse_keys'
  | 'restart_postgres';

/** @param longest how long it may last, in milliseconds */
type Trouble = (stage: Stage, random: Random, longest: number) => Promise<string>;

/** What befalls the deployment; each is over when it returns, but for what the workers make of it. */
export const troubles: Readonly<Record<TroubleName, Trouble>> = {
  async kill_worker(stage, random) {
    const worker = random.pick(stage.workers);
    const pid = worker.pid();
    stage.expectEnd();
    process.kill(pid, 'SIGKILL');
    return `worker process ${pid} was killed`;
  },

  async restart_postgres({ postgres }) {
    await postgres.restart('fast');
    return 'PostgreSQL was restarted';
  },

  async crash_postgres({ postgres }) {
    await postgres.restart('immediate');
    return 'PostgreSQL crashed, and was started again';
  },

  async lose_temporal(stage, random) {
    const away = random.integer(0, 3000);
    await stage.loseTemporal(away);
    return `Temporal lost its state, and was away for ${away} ms`;
  },

  /** One answer is enough to stop a project, for ten minutes unless somebody does something about it. */
  async refuse_keys({ simulator }, random) {
    const access = random.pick(['demo-caa', 'demo-eaa']);
    simulator.faults.keyRefused = { items: [access], next: 1 };
    await wait(random.integer(0, 5000));
    simulator.faults.keyRefused = 0;
    return `the key ${access} was refused for a while`;
  },

  /** As in the archive's read-only mode, or where our account lost its collections. */
  async fail_writes({ simulator: { faults } }, random) {
    const name = random.pick(['writeError', 'accessDenied'] as const);
    const before = faults[name];
    faults[name] = 1;
    await wait(random.integer(2000, 8000));
    faults[name] = before;
    return `every write failed for a while (${name})`;
  },

  /** The answers that are lost come within the next minutes. */
  async lose_answers({ temporalProxy }, random) {
    const lost = random.shuffle(callsToLose).slice(0, 3);
    for (const method of lost) temporalProxy.lose(method, random.integer(1, 4));
    return `answers of Temporal are lost: ${lost.join(', ')}`;
  },

  /** As after a failover to a replica. */
  async make_read_only({ editors }, random) {
    const set = async (isOn: boolean): Promise<void> => {
      await editors.query(`alter system set default_transaction_read_only = ${isOn}`);
      await editors.query('select pg_reload_conf()');
    };
    await set(true);
    await wait(random.integer(500, 5000));
    await set(false);
    return 'PostgreSQL was read-only for a while';
  },

  async hold_edit(stage, random, longest) {
    return editQueued(stage, random, { most: 10, milliseconds: random.integer(0, Math.min(longest, 10_000)) });
  },

  async freeze_worker(stage, random, longest) {
    const pid = random.pick(stage.workers).pid();
    process.kill(pid, 'SIGSTOP');
    await wait(longest);
    process.kill(pid, 'SIGCONT');
    return `worker process ${pid} was frozen for ${longest} ms`;
  },

  async freeze_transaction(stage, random, longest) {
    const pid = random.pick(stage.workers).pid();
    const isInside = await stopInTransaction(stage, pid);
    await wait(longest);
    process.kill(pid, 'SIGCONT');
    return `worker process ${pid} was frozen for ${longest} ms, ${isInside ? 'within' : 'not within'} a transaction of the queue`;
  },
};

/** Editors continue meanwhile: whoever is frozen must not keep them from it. */
export const editedMeanwhile: ReadonlySet<TroubleName> = new Set(['freeze_transaction', 'freeze_worker']);

/** What workers ask of Temporal again and again. */
const callsToLose = [
  'DescribeWorkflowExecution',
  'GetWorkflowExecutionHistory',
  'PollActivityTaskQueue',
  'PollWorkflowTaskQueue',
  'RecordActivityTaskHeartbeat',
  'RespondActivityTaskCompleted',
  'RespondWorkflowTaskCompleted',
  'StartWorkflowExecution',
] as const;

/** The number of times it is tried to freeze a process within a transaction: few take longer than milliseconds. */
const triesToStop = 200;

/** Stops a worker, at a moment when it has a transaction of the queue open if there is one. @returns whether it has */
async function stopInTransaction({ db }: Stage, pid: number): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    process.kill(pid, 'SIGSTOP');
    // The other workers' transactions continue meanwhile.
    const { rows } = await db.query<{ count: number }>(
      `select count(*)::int as count from pg_sleep(0.05), pg_stat_activity
       where application_name = 'artwork-reconciler worker' and state = 'idle in transaction'
         and state_change < clock_timestamp() - interval '40 milliseconds'
         and exists (
           select from pg_locks lock
           where lock.pid = pg_stat_activity.pid and lock.relation = 'artwork_indexer.event_queue'::regclass
             and lock.mode in ('RowShareLock', 'RowExclusiveLock'))`,
    );
    if (rows[0]!.count > 0 || tries === triesToStop) return rows[0]!.count > 0;
    process.kill(pid, 'SIGCONT');
    await wait(tries % 10);
  }
}

/** An editor's transaction over what is queued: the triggers lock those rows until it ends. */
export async function editQueued(
  { editors }: Stage,
  random: Random,
  { most, milliseconds }: { readonly most: number; readonly milliseconds: number },
): Promise<string> {
  const held = await editors.transaction(async (tx) => {
    const listed = await readQueuedImages(tx);
    const images = random.shuffle(listed).slice(0, most);
    for (const { entityType, id } of images) await changeImage(tx, entityType, id, { comment: `held ${id}` });
    await wait(milliseconds);
    return images.length;
  });
  return `an editor's transaction over ${held} images was open for ${milliseconds} ms`;
}

/** Images of entities that have an `index` queued, or of any where none has; one of each entity. */
async function readQueuedImages(
  q: Queryable,
): Promise<readonly { readonly entityType: EntityType; readonly id: number }[]> {
  const kinds = entityTypes.map((entityType) => {
    const { art, entity, owner } = artTables[entityType];
    return `select distinct on (entity.gid) '${entityType}' as "entityType", art.id, exists (
              select from artwork_indexer.event_queue event
              where state = 'queued' and action = 'index' and message->>'gid' = entity.gid::text) as queued
            from ${art} art join ${entity} entity on entity.id = art.${owner}`;
  });
  const { rows } = await q.query<{ readonly entityType: EntityType; readonly id: number; readonly queued: boolean }>(
    kinds.map((kind) => `(${kind})`).join(' union all '),
  );
  const queued = rows.filter((row) => row.queued);
  return queued.length > 0 ? queued : rows;
}

/**
 * What an operator does who sees that keys are refused, and knows that they are good: SIGHUP has them tried at once. And
 * who sees that writes are stopped, and knows that they work: takes that brake off. To be asked now and then: a worker
 * that is just starting takes no notice of a SIGHUP.
 *
 * @returns what was done, in words; null where all keys are taken, and nothing is stopped.
 */
export async function attendToKeys({ db, workers }: Stage): Promise<string | null> {
  const names = (await readStoredBrakes(db)).map(({ name }) => name);
  const refused = names.filter((name) => name.startsWith('keys_refused_'));
  const stopped = names.filter((name) => name.startsWith('writes_fail_'));
  for (const name of stopped) await takeBrakeOff(db, { name, by: { actor: 'chaos' } });
  if (refused.length > 0) for (const worker of workers) process.kill(worker.pid(), 'SIGHUP');
  const done = [
    ...(refused.length > 0 ? [`${refused.join(', ')}: the workers were sent SIGHUP`] : []),
    ...stopped.map((name) => `${name} was taken off`),
  ];
  return done.length === 0 ? null : done.join('; ');
}

/**
 * What the archive's staff does who hear of an item that does not settle: they have its tasks run. A deletion that an
 * audit ordered waits until the owner's item shows the copy, however long that takes (life-cycles page, "Guard at delete
 * time"), so that nothing else ends such a wait.
 *
 * @returns what was done, in words; null where nothing waits for that item.
 */
export async function attendToStuckItem({ db, simulator }: Stage, { stuck }: Aimed): Promise<string | null> {
  if (stuck === null || simulator.faults.taskStuck === 0) return null;
  const { rows } = await db.query<{ event: number }>(
    `select event from artwork_reconciler.event_not_before where position($1 in reason) > 0 order by event`,
    [stuck.replace(/^mbid-/, '')],
  );
  if (rows.length === 0) return null;
  simulator.faults.taskStuck = 0;
  simulator.archive.runStuckTasks(stuck);
  const waiting = rows.map(({ event }) => event).join(', ');
  return `${stuck} does not settle, and events wait for it (${waiting}): the archive's staff had its tasks run`;
}

/** Items that are out of order for good, so that what comes of them is a person's to mend. */
export interface Aimed {
  readonly faults: Faults;
  /** Every write to it is refused. */
  readonly refused: string | null;
  /** Nothing that is written to it is applied, unless the archive's staff sees to it. */
  readonly stuck: string | null;
  /** SlowDown for it alone, for ever, and without the archive saying so. */
  readonly slowed: string | null;
}

/**
 * All of the archive's faults at once. Those that come by chance as often as on a bad day, but for what stops everybody
 * for five seconds or more; those that have to be aimed at an item, at one that needs repairs each.
 */
export function allFaults(cases: readonly DriftCase[], slowsOneForEver: boolean): Aimed {
  const [refused = null, stuck = null, third = null] = cases
    .filter(({ outcome }) => outcome === 'repaired')
    .map(({ gid }) => itemName(gid));
  const slowed = slowsOneForEver ? third : null;
  const faults: Faults = {
    ...unpleasantFaults(),
    wsUnavailable: 0.01,
    serviceUnavailable: 0.005,
    slowDown: 0.003,
    slowDownSeconds: 2,
    retryAfterSeconds: 1,
    slowSeconds: 1,
    taskErrorSeconds: 2,
    copyLag: 0.3,
    copyLagSeconds: 8,
    accountTaskLimit: 60,
    itemTaskLimit: 12,
    accessDenied: refused === null ? 0 : [refused],
    taskStuck: stuck === null ? 0 : [stuck],
    // Given as a list, `check_limit` would name the item.
    slowDownItem: slowed === null ? 0 : { items: [slowed] },
  };
  return { faults, refused, stuck, slowed };
}

/** Longer than a PostgreSQL takes to be there again on a busy machine. Milliseconds. */
const longestAway = 60_000;

/**
 * Tries again while PostgreSQL is away or read-only, as MusicBrainz' users and we ourselves would: it was just restarted,
 * or one of its processes has not yet read that it may be written to again. What fails in another way has failed: that
 * editors are kept from their work by ours is what a run is to find. Each work is one transaction, undone where it failed.
 */
export async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const began = Date.now(); ;) {
    try {
      return await work();
    } catch (error) {
      const isReadOnly = (error as { readonly code?: unknown }).code === '25006';
      if (!(isReadOnly || isDatabaseAway(error)) || Date.now() - began > longestAway) throw error;
      await wait(100);
    }
  }
}
