import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Command } from 'commander';
import { auditHere } from '../activities/audit-here.ts';
import { auditAndApply } from '../activities/audit-apply.ts';
import { type Dependencies, openDependencies } from '../activities/dependencies.ts';
import { requireContact } from '../config/contact.ts';
import type { Database } from '../database/connection.ts';
import { readMode } from '../database/pace/index.ts';
import type { EntityKey } from '../domain/entity.ts';
import { batchesOf, keysOf } from './audit-input.ts';
import { auditInJson, auditInWords, type ToldAudit, toldOf } from './audit-output.ts';
import { configOf } from './configuration.ts';
import { checkMigrated, refuseReplica, withDatabase } from './database.ts';
import { inOneLine } from './errors.ts';
import type { NamedEntity } from '../domain/named-entity.ts';
import { joinPrinted, readNamed } from './mbid.ts';
import { operatorOf } from './operator.ts';
import { someText } from './option-values.ts';
import { printJson, printLines } from '../terminal/terminal.ts';

interface Options {
  readonly actor?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

export function addAudit(program: Command): void {
  program
    .command('audit')
    .description(
      'Compares what MusicBrainz says with what the archive has, for each entity named, and prints the differences and ' +
        'what would be done. Changes nothing unless `--apply` is given, and needs no Temporal.',
    )
    .argument('<mbid|url|-...>', 'MBIDs, item identifiers or addresses; `-` reads them from standard input, one a line')
    .option('--apply', 'do it: record the audit, queue repairs, open reviews; not in report mode')
    .option('--actor <name>', 'who applies it, for the record; your login name otherwise', someText)
    .option('--json', 'print one JSON object a line')
    .action(async (given: string[], options: Options, command: Command) => {
      const texts = joinPrinted(given);
      // What is on the command line is read before anything is done: a typo in the last leaves nothing half-done. A
      // program that reads JSON gets a line about each instead.
      if (options.json !== true) texts.filter((text) => text !== '-').map(readNamed);
      const config = configOf(command);
      requireContact(config);
      await checkMigrated(config.database);
      const failed = await withDatabase(config.database, (db) =>
        untilStopped(async (stopped) => {
          if (options.apply && (await readMode(db, config.audit)).mode === 'report') {
            throw new Error(
              'audit --apply queues repairs, and the mode is report: `schedule mode repair` changes it; nothing was done',
            );
          }
          const warning = await refuseReplica(db, { mode: options.apply ? 'repair' : 'report', events: false });
          if (warning !== null) printLines([`Warning: ${warning}`], process.stderr);
          const run = { workflowId: null, runId: randomUUID() };
          const dependencies = openDependencies({ db, config: () => config, run: () => run, signal: () => stopped });
          const { actor } = operatorOf(options);
          const audited = options.apply
            ? applyTo(dependencies, { actor, stopped })
            : async (key: EntityKey) => lookAt(dependencies, key);
          return auditAll(db, texts, { ...options, audited, stopped, concurrency: config.archive.concurrency });
        }),
      );
      if (failed > 0) throw new Error(`${failed} could not be audited; the reasons stand above`);
    });
}

/** Runs it until it ends, with a signal that SIGINT and SIGTERM abort: then what is in hand is given back. */
async function untilStopped(work: (stopped: AbortSignal) => Promise<number>): Promise<number> {
  const stopping = new AbortController();
  // As many listen as are audited at once.
  setMaxListeners(0, stopping.signal);
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const result = await work(stopping.signal);
    if (stopping.signal.aborted) throw new Error('stopped before all were audited; what was in hand was given back');
    return result;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

interface Audited {
  readonly told: ToldAudit;
  /** Whether anything could be told. */
  readonly readable: boolean;
}

interface AuditAll extends Options {
  readonly audited: (key: EntityKey) => Promise<Audited>;
  readonly stopped: AbortSignal;
  readonly concurrency: number;
}

/** What is printed about one, and whether nothing could be told. */
interface Told {
  readonly print: () => void;
  readonly failed: boolean;
}

/** Audits so many at once, and prints what came of each in the order of the input. @returns how many failed. */
async function auditAll(db: Database, texts: readonly string[], all: AuditAll): Promise<number> {
  const ahead: Promise<Told>[] = [];
  let failures = 0;
  const printNext = async (): Promise<void> => {
    const told = await ahead.shift();
    if (told?.failed === true) failures += 1;
    told?.print();
  };
  for await (const batch of batchesOf(texts, all.stopped)) {
    const keyOf = await keysOf(db, batch);
    for (const text of batch) {
      if (all.stopped.aborted) break;
      ahead.push(auditOne(text, keyOf, all));
      if (ahead.length >= all.concurrency) await printNext();
    }
  }
  while (ahead.length > 0) await printNext();
  return failures;
}

async function auditOne(text: string, keyOf: (named: NamedEntity) => EntityKey, all: AuditAll): Promise<Told> {
  try {
    const named = readNamed(text);
    const { told, readable } = await all.audited(keyOf(named));
    const print = () => {
      noteOtherKind(named, told);
      if (all.json) printJson([auditInJson(told)]);
      else printLines(auditInWords(told));
    };
    return { print, failed: !readable };
  } catch (error) {
    const why = inOneLine(error);
    if (all.json) return { print: () => printJson([{ input: text, error: why }]), failed: true };
    printLines([`${text}: ${why}`], process.stderr);
    return { print: () => undefined, failed: true };
  }
}

/** An address may name the other kind of entity; what was audited is what the MBID is. */
function noteOtherKind({ entityType }: NamedEntity, { key }: ToldAudit): void {
  if (entityType === null || entityType === key.entityType) return;
  printLines([`${key.gid} is of the kind ${key.entityType}, not ${entityType}: audited as that`], process.stderr);
}

async function lookAt(dependencies: Dependencies, key: EntityKey): Promise<Audited> {
  const audit = await auditHere(dependencies, key);
  return { told: audit, readable: audit.readable };
}

function applyTo(dependencies: Dependencies, how: { readonly actor: string; readonly stopped: AbortSignal }) {
  return async (key: EntityKey): Promise<Audited> => {
    const answer = await auditAndApply(dependencies, key, how);
    if ('refused' in answer) throw new Error(`${key.entityType} ${key.gid} was not audited: ${answer.refused}`);
    return { told: toldOf(answer), readable: answer.readable };
  };
}
