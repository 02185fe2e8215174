import { setTimeout as wait } from 'node:timers/promises';
import { takeBrakeOff } from '../src/database/attempts/probes.ts';
import { readStoredBrakes } from '../src/database/brakes/stored-brakes.ts';
import { itemName } from '../src/domain/documents/file-names.ts';
import { type Faults, unpleasantFaults } from '../src/simulator/archive/faults.ts';
import type { DriftCase } from '../src/simulator/drift/drift-kind.ts';
import type { Random } from '../src/simulator/random.ts';
import type { Stage } from './stage.ts';

export type TroubleName = 'crash_postgres' | 'kill_worker' | 'lose_temporal' | 'refuse_keys' | 'restart_postgres';

type Trouble = (stage: Stage, random: Random) => Promise<string>;

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
};

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
