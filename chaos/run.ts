import { setTimeout as wait } from 'node:timers/promises';
import { readConfig } from '../src/config/config.ts';
import { readUnsettled } from '../src/demo/outcome.ts';
import { progressLine } from '../src/demo/settle.ts';
import { createRandom, type Random } from '../src/simulator/random.ts';
import { describeOpenEvents } from '../test/support/open-events.ts';
import { watchRate } from '../test/support/rate.ts';
import { editAtRandom } from './edits.ts';
import { describeOpenWorkflows } from './open-workflows.ts';
import { budget, setStage, type Stage } from './stage.ts';
import {
  type Aimed,
  allFaults,
  attendToKeys,
  attendToStuckItem,
  editedMeanwhile,
  editQueued,
  patiently,
  type TroubleName,
  troubles,
} from './troubles.ts';
import { readVerdict, type Verdict } from './verdict.ts';
import { watchEditors } from './watch-editors.ts';

export interface ChaosOptions {
  /** Decides what happens in which order; when the workers meet it is up to the machine. */
  readonly seed: number;
  readonly entities: number;
  readonly workers: number;
  /** How long there is trouble. Until all is settled afterwards takes about a minute more. */
  readonly seconds: number;
  /**
   * Whether one item is slowed down for ever, which the archive doesn't say: others that are answered show it to be the
   * cause, and its events fail. Before that, everybody cools down a few times, for seconds.
   */
  readonly slowsOneForEver: boolean;
  /** False: workers keep no workflow in memory, and replay it from its history at each of its steps. */
  readonly cachesWorkflows: boolean;
  /** Told what happens, in lines. */
  readonly say: (line: string) => void;
}

export interface ChaosOutcome extends Verdict {
  readonly happened: Readonly<Record<TroubleName | 'edit', number>>;
  /** Workers that ended without having been killed. */
  readonly endedByThemselves: number;
}

/**
 * A run in which nothing has changed for this long will not settle any more: longer than the cool-downs that one slowed item
 * can bring on everybody when nothing else is left to be asked. Seconds.
 */
const patience = 300;

/** Nothing has changed for that long, so that somebody writes to the archive's staff. Seconds. */
const untilStaffIsTold = 20;

/**
 * Runs the product in the worst of surroundings: all faults of the archive at once, workers killed, PostgreSQL
 * restarted, Temporal's state lost, MusicBrainz edited meanwhile. Then waits until everything is settled, and judges.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const undos: (() => Promise<unknown>)[] = [];
  try {
    const stage = await setStage(options, (undo) => undos.unshift(undo));
    const rate = watchRate(stage.simulator, budget);
    const aimed = allFaults(stage.cases, options.slowsOneForEver);
    Object.assign(stage.simulator.faults, aimed.faults);
    options.say(`seed ${options.seed}: ${stage.cases.length} entities, ${stage.workers.length} workers`);
    const editors: string[] = [];
    const waiting = watchEditors(stage.db);
    undos.unshift(waiting.end);
    const happened = await makeTrouble(stage, createRandom(options.seed).fork('troubles'), options, editors);
    editors.push(...(await waiting.end()));
    options.say('no more trouble but for the faults, which continue');
    const unsettled = await untilAllCameRound(stage, aimed, options.say);
    const rates = rate.end();
    const verdict = await readVerdict(stage, aimed, unsettled);
    return {
      ...verdict,
      broken: [...verdict.broken, ...rates.broken, ...editors],
      figures: { ...verdict.figures, ...rates.figures },
      happened,
      endedByThemselves: stage.endedByThemselves(),
    };
  } finally {
    for (const undo of undos) await undo().catch((error: unknown) => options.say(`not undone: ${String(error)}`));
  }
}

const names = Object.keys(troubles) as TroubleName[];

/**
 * Every trouble once at least, in an order by chance; each some edits after the one before.
 *
 * @param failedEdits gets a line for each transaction of an editor that failed, and not because its server was away or read-only
 */
async function makeTrouble(
  stage: Stage,
  random: Random,
  { seconds, say }: ChaosOptions,
  failedEdits: string[],
): Promise<ChaosOutcome['happened']> {
  const happened = Object.fromEntries(['edit', ...names].map((name) => [name, 0])) as Record<
    TroubleName | 'edit',
    number
  >;
  const asEditor = async (edit: () => Promise<string | null>): Promise<string | null> => {
    try {
      return await patiently(edit);
    } catch (error) {
      const line = `an editor's transaction failed: ${(error as Error).message}`;
      failedEdits.push(line);
      return line;
    }
  };
  const edit = async (dice: Random): Promise<void> => {
    const edited = await asEditor(() => editAtRandom(stage.editors, stage.simulator, dice));
    if (edited !== null) happened.edit += 1;
    say(edited ?? 'there was nothing to edit');
  };
  /** Also everything that is queued: there whoever is frozen may be in the way. */
  const editEither = async (dice: Random): Promise<void> => {
    if (dice.chance(0.5)) await edit(dice);
    else say((await asEditor(() => editQueued(stage, dice, { most: 100, milliseconds: 0 })))!);
  };
  const weighted = (): TroubleName => (random.chance(0.5) ? 'kill_worker' : random.pick(names));
  const next = random.shuffle([...names, 'kill_worker' as const, 'kill_worker' as const]);
  const began = Date.now();
  // Longer than all time limits, where there is time for that.
  const longest = Math.min(40_000, (seconds * 1000) / 5);
  // with this many ahead, and later as many as there is time for.
  const pause = Math.min(4000, (seconds * 1000) / (next.length * 2));
  while (next.length > 0 || Date.now() - began < seconds * 1000) {
    const edits = random.integer(1, 4);
    for (let made = 0; made < edits; made += 1) {
      await edit(random);
      await wait(random.integer(0, (2 * pause) / edits));
    }
    await untilSomethingIsInProgress(stage);
    const name = next.pop() ?? weighted();
    const trouble = () => patiently(() => troubles[name](stage, random, longest));
    const over = name === 'hold_edit' ? asEditor(trouble) : trouble();
    if (editedMeanwhile.has(name)) await editUntil(over, editEither, random.fork(`${name} ${happened[name]}`), pause);
    say((await over)!);
    happened[name] += 1;
  }
  return happened;
}

/** @param pause between two edits in the mean, in milliseconds */
async function editUntil(
  over: Promise<unknown>,
  edit: (dice: Random) => Promise<void>,
  dice: Random,
  pause: number,
): Promise<void> {
  let isOver = false;
  const end = (): void => void (isOver = true);
  over.then(end, end);
  while (!isOver) {
    await edit(dice);
    await wait(dice.integer(0, 2 * pause));
  }
}

/** Trouble that meets nobody at work is none. But no longer than workers take to come back on a busy machine. Seconds. */
const longestIdle = 20;

async function untilSomethingIsInProgress({ db }: Stage): Promise<void> {
  const until = Date.now() + longestIdle * 1000;
  const isIdle = async (): Promise<boolean> => {
    const { rows } = await db.query<{ busy: boolean }>(
      `select exists (select from artwork_reconciler.event_claim)
           or exists (select from artwork_reconciler.audit_entity where status = 'audit_in_progress') as busy`,
    );
    return rows[0]?.busy === false;
  };
  while ((await patiently(isIdle)) && Date.now() < until) await wait(50);
}

/**
 * Watches until all is settled, twice: what is settled comes round again a year later, or now, and must settle again.
 * Returns what is not settled, a line each.
 */
async function untilAllCameRound(stage: Stage, aimed: Aimed, say: (line: string) => void): Promise<readonly string[]> {
  const unsettled = await untilSettled(stage, aimed, say);
  if (unsettled.length > 0) return unsettled;
  await patiently(() =>
    stage.db.query(
      `update artwork_reconciler.audit_entity set status = 'unchecked' where status in ('clean', 'legacy')`,
    ),
  );
  say('all is settled, and comes round again as a year later');
  return untilSettled(stage, aimed, say);
}

/** Watches until nothing is open, or until nothing moves any more. Returns what is not settled, a line each. */
async function untilSettled(stage: Stage, aimed: Aimed, say: (line: string) => void): Promise<readonly string[]> {
  const { db } = stage;
  let changedAt = Date.now();
  let last = '';
  for (let looks = 0; ; looks += 1) {
    const unsettled = await patiently(() => readUnsettled(db));
    if (unsettled.length === 0) return unsettled;
    const line = await patiently(() => progressLine(db));
    if (line !== last) changedAt = Date.now();
    if (line !== last && looks % 10 === 0) say(line);
    const attended = looks % 10 === 9 ? await patiently(() => attendToKeys(stage)) : null;
    if (attended !== null) say(attended);
    last = line;
    const unchangedSeconds = (Date.now() - changedAt) / 1000;
    const mended = unchangedSeconds > untilStaffIsTold ? await patiently(() => attendToStuckItem(stage, aimed)) : null;
    if (mended !== null) say(mended);
    if (unchangedSeconds > patience) {
      const config = readConfig({ file: stage.configFile, env: {} });
      return [
        ...unsettled,
        ...(await describeOpenEvents(db, config)),
        ...(await describeOpenWorkflows(stage.temporalAddress)),
      ];
    }
    await wait(500);
  }
}
