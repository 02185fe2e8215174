import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Command } from 'commander';
import { type AppliedAudit, auditAndApply, auditHere, type AuditHere } from '../activities/audit-here.ts';
import { type Dependencies, keepRequests, openDependencies } from '../activities/dependencies.ts';
import { requireContact } from '../config/value-types.ts';
import type { Database, Queryable } from '../database/connection.ts';
import { type Exclusion, exclusionInWords, readExclusions } from '../database/entities/exclusion.ts';
import { readMode } from '../database/pace/mode.ts';
import { readKinds } from '../database/musicbrainz/entity-kinds.ts';
import { findCheck } from '../domain/checks/catalogue.ts';
import { type EntityKey, type NamedEntity, parseNamed } from '../domain/entity.ts';
import type { NamedReading } from '../domain/imports/named-lines.ts';
import { buffersOf, readNamedLines } from '../starters/reading/named-lines.ts';
import { inOneLine, printJson, printLines } from '../terminal/terminal.ts';
import { checkMigrated, configOf, refuseReplica, withDatabase } from './database.ts';
import { UsageError } from './errors.ts';
import { addOperatorOptions, joinPrinted, operatorOf, type OperatorOptions, readNamed } from './option-values.ts';

/** What is shown of an audit, whether it changed something or not. */
interface ShownAudit extends Pick<AuditHere, 'decision' | 'findings' | 'identity' | 'key' | 'reason' | 'requests'> {
  readonly repairs: readonly {
    readonly action: string;
    readonly message: unknown;
    readonly dependsOn: readonly number[];
    /** The event that was queued, or found queued, for it. */
    readonly eventId?: number | null;
  }[];
}

/** An audit that was applied, in the form of one that was not. */
function shownOf({ key, audit }: AppliedAudit): ShownAudit {
  return { ...audit, key, identity: audit.identity ?? 'unknown' };
}

/** An audit as a program reads it (interface page, "`audit --json`"). */
function auditInJson({ key, identity, decision, reason, findings, repairs, requests }: ShownAudit): unknown {
  return {
    entity_type: key.entityType,
    gid: key.gid,
    identity,
    decision,
    reason,
    findings: findings.map(({ check, policy, count, examples }) => ({ check, policy, count, examples })),
    repairs: repairs.map(({ action, message, dependsOn, eventId }) => ({
      action,
      message,
      depends_on: dependsOn,
      ...(eventId === undefined ? {} : { event: eventId }),
    })),
    requests,
  };
}

/** An audit as a person reads it: each finding with what its check says is wrong, as expected / found. */
export function auditInWords({ key, identity, decision, reason, findings, repairs }: ShownAudit): readonly string[] {
  const lines = [`${key.entityType} ${key.gid} (${identity}): ${decision}${reason === null ? '' : `, ${reason}`}`];
  for (const { check, policy, count, examples } of findings) {
    lines.push(`  ${check} (${policy}${count > 1 ? `, ${count} times` : ''}): ${findCheck(check)?.wrong ?? ''}`);
    for (const { subject, expected, found, policy: own } of examples) {
      lines.push(
        `    ${subject}${own === policy ? '' : ` (${own})`}`,
        `      expected ${expected}`,
        `      found    ${found}`,
      );
    }
    if (count > examples.length) lines.push(`    and ${count - examples.length} more`);
  }
  const isApplied = repairs.some(({ eventId }) => typeof eventId === 'number');
  if (repairs.length > 0) lines.push(isApplied ? '  queued' : '  would queue');
  for (const [position, { action, message, dependsOn, eventId }] of repairs.entries()) {
    const after = dependsOn.length === 0 ? '' : ` after ${dependsOn.map((index) => index + 1).join(', ')}`;
    const event = typeof eventId === 'number' ? `, event ${eventId}` : '';
    lines.push(`    ${position + 1}. ${action} ${JSON.stringify(message)}${after}${event}`);
  }
  return lines;
}

interface Options extends OperatorOptions {
  readonly apply?: boolean;
  readonly evenInReportMode?: boolean;
  readonly json?: boolean;
}

export function addAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description(
      'Compares what MusicBrainz says with what the archive has, for each entity named, and prints the differences and ' +
        'what would be done. Changes nothing unless `--apply` is given, and needs no Temporal.',
    )
    .argument('<mbid|url|-...>', 'MBIDs, item identifiers or addresses; `-` reads them from standard input, one a line')
    .option('--apply', 'do it: record the audit, queue repairs, open reviews')
    .option('--even-in-report-mode', 'with --apply: also while the mode is report, for the entities named alone')
    .option('--json', 'print one JSON object a line');
  addOperatorOptions(audit).action(async (given: string[], options: Options, command: Command) => {
    const texts = joinPrinted(given);
    // What is on the command line is read before anything is done: a typo in the last leaves nothing half-done. A
    // program that reads JSON gets a line about each instead.
    if (options.json !== true) texts.filter((text) => text !== '-').map(readNamed);
    const config = configOf(command);
    requireContact(config);
    await checkMigrated(config.database);
    const failed = await withDatabase({ ...config.database, prepare: texts.includes('-') }, (db) =>
      untilStopped(async (stopped) => {
        const isHeld =
          options.apply === true &&
          options.evenInReportMode !== true &&
          (await readMode(db, config.audit)).mode === 'report';
        if (isHeld) printLines([notInReportMode], process.stderr);
        const warning = await refuseReplica(db, {
          mode: options.apply && !isHeld ? 'repair' : 'report',
          events: false,
        });
        if (warning !== null) printLines([`Warning: ${warning}`], process.stderr);
        const run = { workflowId: null, runId: randomUUID() };
        // With what workers ask, so that `status --since` has all that was asked of the archive.
        const asked = keepRequests(db, (error) => {
          printLines([`The requests could not be counted: ${inOneLine(error)}`], process.stderr);
        });
        const { meter } = asked;
        const dependencies = openDependencies({
          db,
          config: () => config,
          run: () => run,
          signal: () => stopped,
          meter,
        });
        const audited =
          options.apply && !isHeld
            ? applyTo(dependencies, {
                ...operatorOf(options),
                stopped,
                evenInReportMode: options.evenInReportMode === true,
              })
            : async (key: EntityKey, exclusionOf: Batch['exclusionOf']) =>
                inspectEntity(dependencies, key, exclusionOf);
        const count = await auditAll(db, texts, {
          ...{ ...options, audited, stopped },
          concurrency: config.archive.concurrency,
        }).finally(() => asked.close());
        if (isHeld) throw new Error(notInReportMode);
        return count;
      }),
    );
    if (failed > 0) throw new Error(`${failed} could not be audited; the reasons stand above`);
  });
}

const notInReportMode =
  'the mode is report: this is what would be done, and nothing was; --even-in-report-mode does it for these alone';

/** Runs it until it ends, with a signal that SIGINT and SIGTERM abort: then what is in progress is released. */
export async function untilStopped(work: (stopped: AbortSignal) => Promise<number>): Promise<number> {
  const stopping = new AbortController();
  // As many listen as are audited at once.
  setMaxListeners(0, stopping.signal);
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const result = await work(stopping.signal);
    if (stopping.signal.aborted) throw new Error('stopped before all were audited; what was in progress was released');
    return result;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

interface Audited {
  readonly shown: ShownAudit;
  /** Whether anything could be judged. */
  readonly readable: boolean;
}

interface AuditAll extends Options {
  readonly audited: (key: EntityKey, exclusionOf: Batch['exclusionOf']) => Promise<Audited>;
  readonly stopped: AbortSignal;
  readonly concurrency: number;
}

/** What is printed about one, and whether nothing could be judged. */
interface Told {
  readonly print: () => void;
  readonly failed: boolean;
}

/** Audits several at once, and prints what came of each in the order of the input. @returns how many failed. */
async function auditAll(db: Database, texts: readonly string[], all: AuditAll): Promise<number> {
  const ahead: Promise<Told>[] = [];
  let failures = 0;
  const printNext = async (): Promise<void> => {
    const shown = await ahead.shift();
    if (shown?.failed === true) failures += 1;
    shown?.print();
  };
  for await (const batch of batchesOf(texts, all.stopped)) {
    const known = await readBatch(db, batch);
    for (const given of batch) {
      if (all.stopped.aborted) break;
      ahead.push(auditOne(given, known, all));
      if (ahead.length >= all.concurrency) await printNext();
    }
  }
  while (ahead.length > 0) await printNext();
  return failures;
}

async function auditOne(given: Given, { keyOf, exclusionOf }: Batch, all: AuditAll): Promise<Told> {
  try {
    const named = namedBy(given);
    const { shown, readable } = await all.audited(keyOf(named), exclusionOf);
    const print = () => {
      noteOtherKind(named, shown);
      if (all.json) printJson([auditInJson(shown)]);
      else printLines(auditInWords(shown));
    };
    return { print, failed: !readable };
  } catch (error) {
    const why = inOneLine(error);
    if (all.json) return { print: () => printJson([{ input: given.text, error: why }]), failed: true };
    printLines(
      [given.reading === undefined ? `${given.text}: ${why}` : `${JSON.stringify(given.text)}: ${why}`],
      process.stderr,
    );
    return { print: () => undefined, failed: true };
  }
}

/** An address may name the other kind of entity; what was audited is what the MBID is. */
function noteOtherKind({ entityType }: NamedEntity, { key }: ShownAudit): void {
  if (entityType === null || entityType === key.entityType) return;
  printLines([`${key.gid} is of the kind ${key.entityType}, not ${entityType}: audited as that`], process.stderr);
}

async function inspectEntity(
  dependencies: Dependencies,
  key: EntityKey,
  exclusionOf: Batch['exclusionOf'],
): Promise<Audited> {
  const audit = await auditHere(dependencies, key);
  const exclusion = exclusionOf(audit.key);
  if (exclusion !== undefined) printLines([`${key.gid}: ${exclusionInWords(exclusion)}`], process.stderr);
  return { shown: audit, readable: audit.readable };
}

function applyTo(dependencies: Dependencies, how: Parameters<typeof auditAndApply>[2]) {
  return async (key: EntityKey): Promise<Audited> => {
    const answer = await auditAndApply(dependencies, key, how);
    if ('refused' in answer) throw new Error(`${key.entityType} ${key.gid} was not audited: ${answer.refused}`);
    return { shown: shownOf(answer), readable: answer.readable };
  };
}

/** What is to be audited, as it was given; of a line of standard input what it was read as. */
interface Given {
  readonly text: string;
  readonly reading?: NamedReading;
}

/**
 * What was named on the command line; `-` stands for the lines of standard input, as many at once as have come.
 *
 * @param stopped ends it, also while standard input has nothing to give.
 */
async function* batchesOf(texts: readonly string[], stopped: AbortSignal): AsyncIterable<readonly Given[]> {
  for (const text of texts) {
    if (stopped.aborted) return;
    if (text === '-') yield* linesOfStandardInput(stopped);
    else yield [{ text }];
  }
}

async function* linesOfStandardInput(stopped: AbortSignal): AsyncIterable<readonly Given[]> {
  const { stdin } = process;
  stopped.addEventListener('abort', () => stdin.destroy());
  try {
    yield* readNamedLines(buffersOf(stdin));
  } catch (error) {
    if (!stopped.aborted) throw error;
  }
}

function namedBy({ text, reading }: Given): NamedEntity {
  if (reading === undefined) return readNamed(text);
  if (reading.kind === 'named') return reading;
  throw new UsageError(reading.reason);
}

interface Batch {
  /** Which entity is meant. */
  readonly keyOf: (named: NamedEntity) => EntityKey;
  readonly exclusionOf: (key: EntityKey) => Exclusion | undefined;
}

/** What is to be known of all that a batch names, by two statements for all of them; what names none is passed over. */
async function readBatch(q: Queryable, batch: readonly Given[]): Promise<Batch> {
  const gids = batch.flatMap(({ text, reading = parseNamed(text) }) => (reading.kind === 'named' ? [reading.gid] : []));
  const kinds = await readKinds(q, gids);
  return { keyOf: (named) => kinds.keyOf(named), exclusionOf: await readExclusions(q, gids) };
}
