import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { auditHere } from '../activities/audit-here.ts';
import { openDependencies, type Dependencies } from '../activities/dependencies.ts';
import { requireContact } from '../config/contact.ts';
import { configOf } from './configuration.ts';
import { auditInJson, auditInWords } from './audit-output.ts';
import { checkMigrated, withDatabase } from './database.ts';
import { inOneLine } from './errors.ts';
import { parseNamed, resolveNamed } from './mbid.ts';

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
      // What is on the command line is read before anything is done: a typo in the last leaves nothing half-done.
      texts.filter((text) => text !== '-').map(parseNamed);
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

/** Audits so many at once, and prints what came of each in the order of the input. @returns how many failed. */
async function auditAll(
  dependencies: Dependencies,
  texts: readonly string[],
  concurrency: number,
  options: Options,
): Promise<number> {
  const ahead: Promise<string | null>[] = [];
  let failed = 0;
  const printNext = async (): Promise<void> => {
    const printed = await ahead.shift();
    if (typeof printed === 'string') process.stdout.write(printed);
    else failed += 1;
  };
  for await (const text of allTexts(texts)) {
    ahead.push(auditOne(dependencies, text, options));
    if (ahead.length >= concurrency) await printNext();
  }
  while (ahead.length > 0) await printNext();
  return failed;
}

/** What to print about one; null where it failed, which is said on standard error. */
async function auditOne(dependencies: Dependencies, text: string, { json }: Options): Promise<string | null> {
  try {
    const audit = await auditHere(dependencies, await resolveNamed(dependencies.db, parseNamed(text)));
    return json ? auditInJson(audit) : auditInWords(audit);
  } catch (error) {
    process.stderr.write(`${text}: ${inOneLine(error)}\n`);
    return null;
  }
}

async function* allTexts(texts: readonly string[]): AsyncIterable<string> {
  for (const text of texts) {
    if (text !== '-') yield text;
    else for await (const line of createInterface({ input: process.stdin })) if (line.trim() !== '') yield line;
  }
}
