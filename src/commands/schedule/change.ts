import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { takeBrakeOff } from '../../database/attempts/probes.ts';
import { coolDownNames, inUtc, type StoredBrakeName, storedBrakeNames } from '../../domain/brake.ts';
import { releaseCoolDowns, type Service } from '../../database/brakes/budget.ts';
import { pauseWork, resumeWork } from '../../database/brakes/stored-brakes.ts';
import { type WindowKind, windowKinds } from '../../database/brakes/windows.ts';
import { addWindow, endWindow, WindowRefusedError } from '../../database/pace/change-windows.ts';
import { largestCanary } from '../../database/pace/canary.ts';
import type { Database } from '../../database/connection.ts';
import { changeMode, type Mode } from '../../database/pace/mode.ts';
import { clearPace, type PaceOrder, readFullPass, readOwnPaces, readPace, setPace } from '../../database/pace/rate.ts';
import type { EntityType } from '../../domain/entity.ts';
import { printLines } from '../../terminal/terminal.ts';
import { didYouMean } from '../../wording/did-you-mean.ts';
import {
  computedEndings,
  fullPassInWords,
  modeInWords,
  ofArchive,
  ownPaceInWords,
  paceInWords,
  parsePace,
} from '../../wording/schedule.ts';
import { numberOf } from '../../wording/text.ts';
import { readWindowOrder, windowInWords, windowTimesLookLike } from '../../wording/window-times.ts';
import { configOf, withDatabase } from '../database.ts';
import { UsageError } from '../errors.ts';
import {
  addOperatorOptions,
  entityTypeOption,
  operatorOf,
  type OperatorOptions,
  rowId,
  someText,
} from '../option-values.ts';
import { followInTemporal } from './temporal.ts';

export function addMode(schedule: Command): void {
  const command = schedule
    .command('mode')
    .summary('set whether repairs are queued')
    .description(
      'Sets whether what audits find is only recorded (report) or repaired too (repair), for every worker at once. The ' +
        "file's [audit] mode was the first value, and counts no more. Whatever waits for repair mode becomes due with it.",
    )
    .addArgument(new Argument('<mode>', 'repair, report or canary').choices(['repair', 'report', 'canary']))
    .addOption(
      new Option(
        '--entities <n>',
        'of a canary: repairs are queued for up to that many entities; then the mode is report again automatically, and `schedule show` ' +
          'says what has come of them',
      ).argParser(parseEntities),
    );
  addOperatorOptions(command).action(async (asked: Mode | 'canary', options: ModeOptions, command: Command) => {
    const { entities } = options;
    if ((asked === 'canary') !== (entities !== undefined)) {
      throw new UsageError(
        'a canary takes --entities, e.g. `schedule mode canary --entities 100`; another mode does not',
      );
    }
    const mode = asked === 'canary' ? 'repair' : asked;
    const config = configOf(command);
    await withDatabase(config.database, async (db) => {
      const canary = entities === undefined ? {} : { canary: entities };
      await changeMode(db, config.audit, { mode, ...canary, by: operatorOf(options) });
      const few = entities === undefined ? '' : ` for ${numberOf(entities, 'entity', 'entities')}, then report again`;
      printLines([`The mode is ${modeInWords[mode]}${few}`]);
    });
  });
}

interface ModeOptions extends OperatorOptions {
  readonly entities?: number;
}

function parseEntities(text: string): number {
  const entities = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (entities < 1 || entities > largestCanary)
    throw new InvalidArgumentError(`It takes a whole number from 1 to ${largestCanary}.`);
  return entities;
}

export function addPause(schedule: Command): void {
  const pause = schedule
    .command('pause')
    .summary('start no more audits, or set a window without audits or events')
    .description(
      'Lets audits in progress end, and starts no more paced ones until `schedule resume`. It works without Temporal, ' +
        'whose own schedule is paused too, at once or as soon as it can be reached. Events continue. With --until it sets a ' +
        'window instead, which ends automatically: nothing new is asked of the archive in it.',
    )
    .option('--until <time>', `set a window that ends then: ${windowTimesLookLike}`)
    .option('--from <time>', 'when the window begins; at once otherwise')
    .option('--daily', 'the window comes again each day')
    .addOption(new Option('--what <which>', 'what the window stops; all otherwise').choices(windowKinds))
    .option('--reason <text>', 'why there is a window: shown while it is on', someText)
    .addOption(entityTypeOption('a pause or a window'));
  addOperatorOptions(pause).action(async (options: PauseOptions, command: Command) => {
    const { until, from, daily, what, reason, entityType = null } = options;
    if (until !== undefined) return setWindow(options, command);
    if (from !== undefined || daily !== undefined || what !== undefined || reason !== undefined) {
      throw new UsageError(
        'a window needs --until; without one, `schedule pause` and `events pause` pause until resumed',
      );
    }
    await withDatabase(configOf(command).database, async (db) => {
      const { since, reason } = await pauseWork(db, { what: 'audits', entityType }, operatorOf(options));
      printLines([`Audits${ofArchive(entityType)} are paused since ${inUtc(since)} (${reason})`]);
      if (entityType === null) printLines([await followInTemporal(db)], process.stderr);
    });
  });
}

interface PauseOptions extends OperatorOptions {
  readonly entityType?: EntityType | null;
  readonly until?: string;
  readonly from?: string;
  readonly daily?: boolean;
  readonly what?: WindowKind;
  readonly reason?: string;
}

async function setWindow(
  { until, from, daily = false, what = 'all', entityType = null, ...options }: PauseOptions,
  command: Command,
): Promise<void> {
  const order = readWindowOrder({ from, until, daily });
  if (order.kind === 'wrong') throw new UsageError(`--${order.field} ${order.message}`);
  const reason = options.reason ?? options.note;
  if (reason === undefined) throw new UsageError('say why, with --reason: it is shown while the window is on');
  await withDatabase(configOf(command).database, async (db) => {
    const asked = { order, stops: what, entityType, reason, by: operatorOf(options) };
    const window = await addWindow(db, asked).catch((error: unknown) => {
      throw error instanceof WindowRefusedError ? new UsageError(`no window was set: ${error.message}`) : error;
    });
    printLines([`Window ${window.id}: ${windowInWords(window)}`]);
  });
}

interface ResumeOptions extends OperatorOptions {
  readonly entityType?: EntityType | null;
  readonly window?: number;
}

export function addResume(schedule: Command): void {
  const resume = schedule
    .command('resume')
    .summary('start audits again')
    .description(
      'Ends what `schedule pause` began, or with --window a window, on or to come. Other brakes stay on; `schedule show` ' +
        'has them all.',
    )
    .option('--window <id>', 'end this window, as `schedule show` numbers it', rowId)
    .addOption(entityTypeOption('the pause').conflicts('window'));
  addOperatorOptions(resume).action(async (options: ResumeOptions, command: Command) => {
    const { window: id } = options;
    await withDatabase(configOf(command).database, async (db) => {
      if (id === undefined) return resumePaced(db, options);
      const ended = await endWindow(db, { id, by: operatorOf(options) });
      if (ended === null) throw new Error(`there is no window ${id} that is on or to come; \`schedule show\` has them`);
      printLines([`Window ${id} has ended; it was: ${windowInWords(ended)}`]);
    });
  });
}

/** Ends the pause, in the database and in Temporal, and prints what it found. */
async function resumePaced(db: Database, { entityType = null, ...options }: ResumeOptions): Promise<void> {
  const ended = await resumeWork(db, { what: 'audits', entityType }, operatorOf(options));
  printLines([`Audits${ofArchive(entityType)} ${ended === null ? 'were not paused' : 'are started again'}`]);
  if (entityType === null) printLines([await followInTemporal(db)], process.stderr);
}

export function addRelease(schedule: Command): void {
  const release = schedule
    .command('release')
    .summary('take a brake off')
    .description(
      `Takes a brake off: ${storedBrakeNames.join(', ')}, or cool-down for what services asked for. What put it on is forgotten with it, and it takes new ` +
        'observations to put it on again. The others are cleared automatically, with what they follow from.',
    )
    .argument('<brake>', 'the name of a brake, as `schedule show` has it');
  addOperatorOptions(release).action(async (name: string, options: OperatorOptions, command: Command) => {
    const services = coolDownsOf(name);
    if (services !== null) return releaseAsked(services, options, command);
    const brake = parseBrake(name);
    await withDatabase(configOf(command).database, async (db) =>
      brake === 'audits_paused' ? resumePaced(db, options) : releaseStored(db, brake, options),
    );
  });
}

/** The services whose cool-downs a name means; null where it means another brake. */
function coolDownsOf(name: string): readonly Service[] | null {
  const written = name.replaceAll('-', '_');
  const meant = coolDownNames.filter((known) => known === written || written === 'cool_down');
  return meant.length === 0 ? null : meant.map((known) => (known === 'cool_down_archive' ? 'archive' : 'musicbrainz'));
}

async function releaseAsked(services: readonly Service[], options: OperatorOptions, command: Command): Promise<void> {
  await withDatabase(configOf(command).database, async (db) => {
    const ended = await releaseCoolDowns(db, { services, by: operatorOf(options) });
    printLines(
      ended.length === 0
        ? ['No such cool-down was on']
        : ended.map(({ service, reason }) => `cool_down_${service} is off; it was on: ${reason}`),
    );
  });
}

async function releaseStored(db: Database, name: StoredBrakeName, options: OperatorOptions): Promise<void> {
  const released = await takeBrakeOff(db, { name, by: operatorOf(options) });
  printLines([released === null ? `${name} was not on` : `${name} is off; it was on: ${released.reason}`]);
}

/**
 * @throws {UsageError} where there is no such brake
 * @throws {Error} where it is one that follows from something else, and how it ends
 */
function parseBrake(name: string): StoredBrakeName {
  const stored = storedBrakeNames.find((known) => known === name);
  if (stored !== undefined) return stored;
  const ending = Object.entries(computedEndings).find(([known]) => known === name)?.[1];
  if (ending !== undefined) throw new Error(`${name} can't be taken off: ${ending}`);
  throw new UsageError(
    `there is no brake ${JSON.stringify(name)}; there are ${[...storedBrakeNames, ...coolDownNames].join(', ')}.${didYouMean(name, [...storedBrakeNames, ...coolDownNames])}`,
  );
}

export function addSet(schedule: Command): void {
  const set = schedule
    .command('set')
    .summary('set the pace of audits')
    .description(
      "Sets how many audits are started, e.g. 600/hour, 10/hour (one in 6 min) or 5000/day. It overrides the file's " +
        'pace, also after restarts, until `schedule set default`.',
    )
    .addArgument(new Argument('<pace>', 'a number an hour or a day, or default').argParser(readPaceOrder))
    .addOption(entityTypeOption('its own pace for audits'));
  addOperatorOptions(set).action(async (pace: PaceOrder | 'default', options: SetOptions, command: Command) => {
    const config = configOf(command);
    await withDatabase(config.database, async (db) => {
      const by = operatorOf(options);
      if (pace === 'default') await clearPace(db, by, options.entityType);
      else await setPace(db, pace, by, options.entityType);
      const inForce = await readPace(db, config);
      const own = await readOwnPaces(db);
      const fullPass = await readFullPass(db, inForce.perHour, own);
      printLines([paceInWords(inForce), ...own.map(ownPaceInWords), `A full pass: ${fullPassInWords(fullPass)}`]);
    });
  });
}

interface SetOptions extends OperatorOptions {
  readonly entityType?: EntityType | null;
}

function readPaceOrder(text: string): PaceOrder | 'default' {
  if (text === 'default') return text;
  const pace = parsePace(text);
  if (pace === null || pace.unit === null) {
    throw new InvalidArgumentError(
      'It takes a number above 0 with its unit, e.g. 600/hour, 10/hour or 5000/day, or default; `schedule pause` stops audits.',
    );
  }
  return pace.unit === 'day' ? { perDay: pace.number } : { perHour: pace.number };
}
