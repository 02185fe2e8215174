import { once } from 'node:events';
import { open, rename, rm } from 'node:fs/promises';
import { Argument, type Command, Option } from 'commander';
import type { Config } from '../config/config.ts';
import type { Queryable } from '../database/connection.ts';
import { handedOverTo, handOver, type HandOverOptions, recordHandOver } from '../database/entities/hand-over.ts';
import { checksOf, type FindingFilter, findingList, type ListedEntity } from '../database/entities/list-findings.ts';
import { readList } from '../database/lists/list.ts';
import type { ListPage } from '../database/lists/walk.ts';
import { type ListFormat, listFormats, listHead, listLine, type NamedList, namedLists } from '../export/named-lists.ts';
import { audienceNames } from '../domain/checks/check.ts';
import { openProgressLine, printLines } from '../terminal/terminal.ts';
import { numberOf } from '../wording/text.ts';
import { configOf, withDatabase } from './database.ts';
import { UsageError } from './errors.ts';
import { addFilterOptions, readFilter } from './filter-options.ts';
import { addOperatorOptions, operatorOf, type OperatorOptions, someText } from './option-values.ts';

interface Options extends Readonly<Record<string, unknown>>, OperatorOptions {
  readonly format: ListFormat;
  readonly output?: string;
  readonly markHandedOver?: boolean;
  readonly to?: HandOverOptions['to'];
  readonly ticket?: string;
}

export function addExport(program: Command): void {
  const named = namedLists.map(({ name, sentence }) => `\`${name}\`, ${sentence}`).join('; ');
  const command = program
    .command('export')
    .summary('list entities by what their newest audit found')
    .description(
      'Lists entities by what their newest decided audit says, one item a line: all of them, those that the options ' +
        `choose, or a list of what only the archive's staff can do (${named}). Lists may have millions of lines, and ` +
        'are written as they are read.',
    )
    .addArgument(
      new Argument('[list]', "one of the lists for the archive's staff").choices(namedLists.map(({ name }) => name)),
    );
  addFilterOptions(command, findingList)
    .addOption(
      new Option('--format <format>', 'CSV, JSON lines, or the tab-separated form of the lists of 2021')
        .choices(listFormats)
        .default('csv'),
    )
    .option('--output <path>', 'a file that is written as a whole, instead of standard output', someText)
    .option('--mark-handed-over', 'once the file is whole: note that all of it is handed over; needs --output')
    .addOption(new Option('--to <whom>', 'to whom, where the list doesn’t tell').choices(handedOverTo))
    .option('--ticket <text>', 'where it was reported, e.g. the number of a ticket', someText);
  addOperatorOptions(command).action(async (list: string | undefined, options: Options, command: Command) => {
    const named = namedLists.find(({ name }) => name === list) ?? null;
    const filter = filterOf(named, options);
    const config = configOf(command);
    const marking = markingOf(named, options, config);
    const progress = process.stdout.isTTY ? null : openProgressLine(process.stderr);
    const writeList = async (q: Queryable, write: Write): Promise<number> => {
      let written = 0;
      await write(listHead(options.format, config, named));
      for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
        const page: ListPage<ListedEntity> = await readList(q, findingList, filter, {
          limit: size,
          look: size,
          after,
        });
        if (written > 0) progress?.show(`${written} so far`);
        await write(page.rows.map((entity) => listLine(options.format, entity, config, named)).join(''));
        if (marking !== null) await handOver(q, page.rows.map(foundOf), marking, operatorOf(options));
        written += page.rows.length;
        after = page.next;
      }
      return written;
    };
    const count = await withDatabase(config.database, (db) => {
      const { output } = options;
      if (output === undefined) return writeList(db, writeOut);
      if (marking === null) return writeFile(output, (write) => writeList(db, write));
      // The file is whole before anything is marked: where it can't be written, nothing is.
      return db.transaction(async (tx) => {
        const written = await writeFile(output, (write) => writeList(tx, write));
        await recordHandOver(tx, { ...marking, list: named?.name ?? 'export', entities: written }, operatorOf(options));
        return written;
      });
    }).finally(() => progress?.end());
    const handedOver = marking === null ? '' : `, handed over to ${audienceNames[marking.to]}`;
    printLines([`${numberOf(count, 'entity', 'entities')}${handedOver}`], process.stderr);
  });
}

/** Entities that a statement reads. */
const size = 1_000;

/** @throws {UsageError} */
function filterOf(named: NamedList | null, options: Options): FindingFilter {
  const { check, audience } = options;
  if (named !== null && (check ?? audience) !== undefined) {
    const option = check === undefined ? '--audience' : '--check';
    throw new UsageError(`the list ${named.name} has its own check: leave ${option} or the list away`);
  }
  return { ...readFilter(findingList, options), ...named?.filter };
}

type Write = (text: string) => Promise<void>;

/** How what is listed is handed over; null where it isn't. @throws {UsageError} */
function markingOf(named: NamedList | null, options: Options, { audit }: Config): HandOverOptions | null {
  const { markHandedOver, output, ticket, audience } = options;
  if (!markHandedOver) return null;
  if (output === undefined)
    throw new UsageError('--mark-handed-over needs --output: what is printed may still be lost');
  const to = options.to ?? (named === null ? handedOverTo.find((whom) => whom === audience) : 'archive_staff');
  if (to === undefined) throw new UsageError(`to whom? Say --to, one of ${handedOverTo.join(', ')}`);
  return { to, days: audit.handedOverDays, ...(ticket !== undefined && { ticket }) };
}

function foundOf(entity: ListedEntity): { readonly entityId: number; readonly checks: readonly string[] } {
  return { entityId: entity.id, checks: checksOf(entity) };
}

/** Writes a file beside it and gives it its name once it is whole, so that there is never half of one. */
async function writeFile(path: string, work: (write: Write) => Promise<number>): Promise<number> {
  const part = `${path}.part`;
  const file = await open(part, 'w');
  try {
    const count = await work(async (text) => void (await file.appendFile(text)));
    await file.sync();
    await file.close();
    await rename(part, path);
    return count;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}

/** Waits until whoever reads has read: what was written and not yet read is all in memory. */
async function writeOut(text: string): Promise<void> {
  if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
}
