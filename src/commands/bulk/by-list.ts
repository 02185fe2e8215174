import { type Command, Option } from 'commander';
import type { BulkAction } from '../../database/bulk-actions/bulk-action.ts';
import {
  type BulkLine,
  bulkLineList,
  countLeftOut,
  type ListFilter,
  planFromList,
} from '../../database/operators/by-list.ts';
import { type BulkKindName, bulkKinds } from '../../database/bulk-actions/kinds.ts';
import type { Queryable } from '../../database/connection.ts';
import { readList } from '../../database/lists/list.ts';
import type { ListPage } from '../../database/lists/walk.ts';
import { type EntityType, entityTypes } from '../../domain/entity.ts';
import type { NamedLine } from '../../domain/imports/named-lines.ts';
import { openFile } from '../../starters/reading/open-input.ts';
import { buffersOf, readNamedLines } from '../../starters/reading/named-lines.ts';
import { printJson, printLines } from '../../terminal/terminal.ts';
import { configOf } from '../database.ts';
import { UsageError } from '../errors.ts';
import { addOperatorOptions, joinPrinted, operatorOf, type OperatorOptions } from '../option-values.ts';
import { carryOut } from './carry-out.ts';

/** What a command is given that does something to the entities of a list. */
export interface ListOptions extends OperatorOptions {
  readonly file?: string;
  readonly entityType?: EntityType;
  readonly allOrNothing?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What is done to what a list names, and how that is said of each line. */
export interface ListedAction {
  readonly kind: BulkKindName;
  /** What was done, as JSON has it, and in words; "would be" goes before these in a dry run. */
  readonly outcome: string;
  readonly words: string;
  readonly needsNote?: boolean;
  /** What else the kind is given. */
  readonly told?: object;
}

/** How a list's lines may look, for the help of commands. */
export const listsLookLike =
  'A list has one entity a line: an MBID, an item identifier, an address of MusicBrainz or the archive, or a line of our ' +
  'own lists, be it text, CSV with its head, or JSON.';

/** Adds where a list comes from, and what becomes of it where a line can't be done. */
export function addListInputOptions(command: Command): Command {
  return command
    .option('--file <path>', 'a file with one entity a line, plain or gzip; `-` as an argument is standard input')
    .option('--all-or-nothing', 'do nothing where a line can’t be read or its entity not be done; up to 5,000 lines');
}

/** Adds the options of a list; the argument that names its entities is the command's own. */
export function addListOptions(command: Command): Command {
  addListInputOptions(command).addOption(
    new Option('--entity-type <which>', 'refuse lines that name another type of entity').choices(entityTypes),
  );
  return addOperatorOptions(command)
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON object a line of the list');
}

/**
 * Does something to what is named on the command line, in a file or on standard input, and says what became of each line.
 *
 * @throws {UsageError} before anything is read
 * @throws {Error} where a line could not be read, or what it names not be done; the others are done, unless all or nothing
 *   was asked for
 */
export async function carryOutList(
  command: Command,
  texts: readonly string[],
  options: ListOptions,
  action: ListedAction,
): Promise<void> {
  const { file, entityType, allOrNothing, dryRun = false, json = false } = options;
  if ((file === undefined) === (texts.length === 0)) {
    throw new UsageError('name entities as arguments, `-` for standard input, or a file with --file: one of them');
  }
  if (texts.length > 1 && texts.includes('-')) throw new UsageError('`-` goes with no other argument');
  if (action.needsNote && options.note === undefined) throw new UsageError('say why, with --note: it is recorded');
  const { name: list, lines } = await openList(texts, file);
  const filter: ListFilter = {
    ...action.told,
    list,
    ...(entityType && { entityType }),
    ...(allOrNothing && { allOrNothing: true }),
  };
  const by = operatorOf(options);
  const { kind } = action;
  await carryOut(configOf(command), {
    by,
    dryRun,
    here: true,
    begin: (db) => planFromList(db, { kind, filter, plannedBy: by.actor, rowsOf: bulkKinds[kind].rowsOf! }, lines),
    isHeldBack: async (db, { id, planned }) =>
      allOrNothing === true && planned.refused + (await countLeftOut(db, id)).refused > 0,
    report: (db, done) =>
      reportLines(db, done, { ...action, isDryRun: dryRun, json, allOrNothing: allOrNothing === true }),
  });
}

/** A list from a file, or else from standard input or arguments, with its name for people. */
export async function openList(
  texts: readonly string[],
  file: string | undefined,
): Promise<{ readonly name: string; readonly lines: AsyncGenerator<readonly NamedLine[]> }> {
  const content = file === undefined ? contentOf(texts) : (await openFile(file)).content();
  const name = file ?? (texts[0] === '-' ? 'standard input' : 'the command line');
  return { name, lines: readNamedLines(content) };
}

async function* contentOf(texts: readonly string[]): AsyncGenerator<Buffer> {
  if (texts[0] === '-') yield* buffersOf(process.stdin as AsyncIterable<Buffer | string>);
  else yield Buffer.from(joinPrinted(texts).join('\n'));
}

interface Reporting extends ListedAction {
  readonly isDryRun: boolean;
  readonly json: boolean;
  readonly allOrNothing: boolean;
}

/** Lines that are read at once. */
const pageSize = 1_000;

async function reportLines(q: Queryable, action: BulkAction, how: Reporting): Promise<void> {
  const isPlan = action.confirmedAt === null;
  const counts = { done: 0, skipped: 0, refused: 0 };
  for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
    const page: ListPage<BulkLine> = await readList(
      q,
      bulkLineList,
      { bulkAction: action.id },
      { limit: pageSize, look: pageSize + 1, after },
    );
    const told = page.rows.map((line) => tellLine(line, isPlan, how));
    for (const { outcome } of told) if (outcome !== null) counts[outcome] += 1;
    if (how.json) printJson(told.map(({ json }) => json));
    else printLines(told.map(({ words }) => words));
    after = page.next;
  }
  summarize(action, counts, how);
}

function tellLine(line: BulkLine, isPlan: boolean, { outcome: name, words, isDryRun }: Reporting) {
  const { input, entityType, gid, target } = line;
  const [outcome, reason] = isPlan ? [line.planned, line.plannedReason] : [line.outcome, line.reason];
  const named = gid === null ? JSON.stringify(input) : `${entityType} ${gid}`;
  const would = isPlan ? 'would be ' : '';
  const became = outcome === null ? 'left as it was' : outcome === 'done' ? `${would}${words}` : outcome;
  return {
    outcome,
    words: `line ${line.line}: ${named}: ${became}${reason === null ? '' : `${outcome === 'done' ? ', ' : ': '}${reason}`}`,
    json: {
      line: line.line,
      input,
      entity_type: entityType,
      mbid: gid,
      id: target === null || target < 0 ? null : target,
      outcome: outcome === 'done' ? name : outcome,
      reason,
      ...(isDryRun && { dry_run: true }),
    },
  };
}

/** @throws {Error} where something was not done that a line asked for */
function summarize(
  action: BulkAction,
  counts: { readonly done: number; readonly skipped: number; readonly refused: number },
  { words, isDryRun, allOrNothing }: Reporting,
): void {
  const would = action.confirmedAt === null ? 'would be ' : '';
  const told = [
    ...(counts.done > 0 ? [`${counts.done} ${would}${words}`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} ${would}skipped`] : []),
    ...(counts.refused > 0 ? [`${counts.refused} ${would}refused`] : []),
  ];
  const summary = told.length === 0 ? 'The list names nothing' : told.join(', ');
  printLines([`${summary}${isDryRun ? '; nothing was changed' : ''}`], process.stderr);
  if (action.fault !== null) throw new Error(`${action.fault}; nothing was changed`);
  if (action.state === 'stopped') {
    throw new Error(`bulk action ${action.id} was stopped by ${action.stoppedBy}: the rest is left as it was`);
  }
  if (counts.refused === 0) return;
  const rest = allOrNothing ? 'nothing was changed, as all or nothing was asked for' : 'the reasons stand above';
  throw new Error(`${counts.refused} of the list ${isDryRun ? 'would not be' : 'could not be'} done; ${rest}`);
}

/** Whether an argument stands for a list: the ids that a command else takes are numbers. */
export function isList(ids: readonly unknown[], { file }: { readonly file?: string }): boolean {
  return file !== undefined || ids.includes('-');
}
