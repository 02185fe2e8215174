import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { auditHere, type AuditHere } from '../activities/audit-here.ts';
import { openDependencies, type Dependencies } from '../activities/dependencies.ts';
import { requireContact } from '../config/contact.ts';
import { projects } from '../domain/project.ts';
import { addCounts } from '../domain/request-count.ts';
import { configOf } from './configuration.ts';
import { auditInJson, auditInWords } from './audit-output.ts';
import { checkMigrated, withDatabase } from './database.ts';
import { inOneLine } from './errors.ts';
import type { NamedEntity } from '../domain/named-entity.ts';
import { resolveNamed } from '../database/musicbrainz/resolve-named.ts';
import { readNamed } from './mbid.ts';

interface Options {
  readonly json?: boolean;
}

export function addAudit(program: Command): void {
  program
    .command('audit')
    .description(
      'Compares what MusicBrainz says with what the archive has, for each entity named, and prints the differences and ' +
        'what would be done. Changes nothing, and needs no Temporal.',
    )
    .argument('<mbid|url|-...>', 'MBIDs, item identifiers or addresses; `-` reads them from standard input, one a line')
    .option('--json', 'print one JSON object a line')
    .action(async (texts: string[], options: Options, command: Command) => {
      // What is on the command line is read before anything is done: a typo in the last leaves nothing half-done. A
      // program that reads JSON gets a line about each instead.
      if (options.json !== true) texts.filter((text) => text !== '-').map(readNamed);
      const config = configOf(command);
      requireContact(config);
      await checkMigrated(config.database);
      const failed = await withDatabase(config.database, (db) => {
        const run = { workflowId: null, runId: randomUUID() };
        const dependencies = openDependencies({ db, config: () => config, run: () => run });
        return auditAll(dependencies, texts, config.archive.concurrency, options);
      });
      if (failed > 0) throw new Error(`${failed} could not be audited; the reasons stand above`);
    });
}

/** What is printed about one, and whether anything could be told. */
interface Told {
  readonly output: string;
  readonly failed: boolean;
}

/** Audits so many at once, and prints what came of each in the order of the input. @returns how many failed. */
async function auditAll(
  dependencies: Dependencies,
  texts: readonly string[],
  concurrency: number,
  options: Options,
): Promise<number> {
  const ahead: Promise<Told>[] = [];
  let failures = 0;
  const printNext = async (): Promise<void> => {
    const told = await ahead.shift();
    if (told?.failed === true) failures += 1;
    process.stdout.write(told?.output ?? '');
  };
  for await (const text of allTexts(texts)) {
    ahead.push(auditOne(dependencies, text, options));
    if (ahead.length >= concurrency) await printNext();
  }
  while (ahead.length > 0) await printNext();
  return failures;
}

async function auditOne(dependencies: Dependencies, text: string, { json }: Options): Promise<Told> {
  try {
    const audit = await auditNamed(dependencies, readNamed(text));
    return { output: json ? auditInJson(audit) : auditInWords(audit), failed: !audit.readable };
  } catch (error) {
    if (json) return { output: `${JSON.stringify({ input: text, error: inOneLine(error) })}\n`, failed: true };
    process.stderr.write(`${text}: ${inOneLine(error)}\n`);
    return { output: '', failed: true };
  }
}

/** Of a gid that MusicBrainz doesn't know, the collection of its item tells which kind of entity it was. */
async function auditNamed(dependencies: Dependencies, named: NamedEntity): Promise<AuditHere> {
  const key = await resolveNamed(dependencies.db, named);
  const audit = await auditHere(dependencies, key);
  if (named.entityType !== null || audit.identity !== 'unknown' || !audit.readable) return audit;
  const session = dependencies.clients();
  const item = await session.reader.observe(key.gid);
  const isEvents = item.kind === 'present' && item.metadata['collection']?.includes(projects.event.collection) === true;
  const requests = addCounts(audit.requests, session.counts());
  if (!isEvents) return { ...audit, requests };
  const ofEvent = await auditHere(dependencies, { entityType: 'event', gid: key.gid });
  return { ...ofEvent, requests: addCounts(requests, ofEvent.requests) };
}

async function* allTexts(texts: readonly string[]): AsyncIterable<string> {
  for (const text of texts) {
    if (text !== '-') yield text;
    else for await (const line of createInterface({ input: process.stdin })) if (line.trim() !== '') yield line;
  }
}
