import { once } from 'node:events';
import { Argument, type Command, Option } from 'commander';
import {
  type AuditStatus,
  auditStatuses,
  type DecidedOutcome,
  decidedOutcomes,
  type EntityListFilter,
  entityListPages,
} from '../database/audit-queries/index.ts';
import { catalogue, checksFor, findCheck } from '../domain/checks/catalogue.ts';
import { type Audience, audiences } from '../domain/checks/check.ts';
import { type EntityType, entityTypes } from '../domain/entity.ts';
import { type ListFormat, listFormats, listHead, listLine } from '../export/listed-entity.ts';
import { type NamedList, namedLists } from '../export/named-lists.ts';
import { openProgressLine } from '../progress-line.ts';
import { configOf } from './configuration.ts';
import { withDatabase } from './database.ts';
import { UsageError } from './errors.ts';
import { printLines } from '../terminal/terminal.ts';

interface Options {
  readonly check?: readonly string[];
  readonly audience?: Audience;
  readonly decision?: readonly DecidedOutcome[];
  readonly status?: readonly AuditStatus[];
  readonly entityType?: EntityType;
  readonly format: ListFormat;
}

export function addExport(program: Command): void {
  const named = namedLists.map(({ name, sentence }) => `\`${name}\`, ${sentence}`).join('; ');
  program
    .command('export')
    .summary('list entities by what their newest audit found')
    .description(
      'Lists entities by what their newest decided audit says, one item a line: all of them, those that the options ' +
        `choose, or a list of what only the archive's staff can do (${named}). Lists may have millions of lines, and ` +
        'are written as they are read.',
    )
    .addArgument(
      new Argument('[list]', "one of the lists for the archive's staff").choices(namedLists.map(({ name }) => name)),
    )
    .option('--check <checks...>', 'with a finding of one of these checks')
    .addOption(
      new Option('--audience <audience>', 'with a finding on which they can act').choices(audiences).conflicts('check'),
    )
    .addOption(new Option('--decision <decisions...>', 'with one of these decisions').choices(decidedOutcomes))
    .addOption(new Option('--status <statuses...>', 'with one of these statuses now').choices(auditStatuses))
    .addOption(new Option('--entity-type <type>', 'of this kind of entity').choices(entityTypes))
    .addOption(
      new Option('--format <format>', 'CSV, JSON lines, or the tab-separated form of the lists of 2021')
        .choices(listFormats)
        .default('csv'),
    )
    .action(async (list: string | undefined, options: Options, command: Command) => {
      const named = namedLists.find(({ name }) => name === list) ?? null;
      const filter = filterOf(named, options);
      const config = configOf(command);
      const sites = { musicbrainz: config.musicbrainz.url, archive: config.archive.url };
      const progress = process.stdout.isTTY ? null : openProgressLine(process.stderr);
      const count = await withDatabase(config.database, async (db) => {
        let written = 0;
        await write(listHead(options.format, named));
        for await (const entities of entityListPages(db, filter)) {
          if (written > 0) progress?.show(`${written} so far`);
          await write(entities.map((entity) => listLine(options.format, entity, sites, named)).join(''));
          written += entities.length;
        }
        return written;
      }).finally(() => progress?.end());
      printLines([`${count} entities`], process.stderr);
    });
}

/** @throws {UsageError} */
function filterOf(
  named: NamedList | null,
  { check, audience, decision, status, entityType }: Options,
): EntityListFilter {
  const unknown = check?.filter((name) => findCheck(name) === null) ?? [];
  if (unknown.length > 0) {
    const names = catalogue.map(({ name }) => name).join(', ');
    throw new UsageError(`there is no check ${JSON.stringify(unknown[0])}; there are ${names}`);
  }
  if (named !== null && (check ?? audience) !== undefined) {
    const option = check === undefined ? '--audience' : '--check';
    throw new UsageError(`the list ${named.name} has a check of its own: leave ${option} or the list away`);
  }
  return {
    ...named?.filter,
    ...(check && { checks: check }),
    ...(audience && { checks: checksFor(audience) }),
    ...(decision && { decisions: decision }),
    ...(status && { statuses: status }),
    ...(entityType && { entityType }),
  };
}

/** Waits until whoever reads has read: what was written and not yet read is all in memory. */
async function write(text: string): Promise<void> {
  if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
}
