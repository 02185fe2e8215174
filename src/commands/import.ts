import { closeSync, openSync, writeSync } from 'node:fs';
import { Argument, type Command, Option } from 'commander';
import { ChangedSourceError, type ImportResult, runImport } from '../starters/import.ts';
import { openImportSource } from '../starters/reading/import-source.ts';
import type { FileTally, LeftOut, OnLeftOut } from '../starters/reading/tally.ts';
import { type ImportKind, importKinds, type ImportProgress } from '../temporal/messages.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { numberOf } from '../wording/text.ts';
import { configOf } from './database.ts';
import { UsageError } from './errors.ts';
import { openIngestProgress, sayIfNoWorker } from './ingest-progress.ts';
import { openOwnTemporal } from './own-temporal.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly fromStart?: boolean;
  readonly json?: boolean;
  readonly leftOut?: string;
}

export function addImport(program: Command): void {
  program
    .command('import')
    .summary('add the entities that files name to those that are audited')
    .description(
      'Adds what files name: `img-129`, files of the audit of 2021, gzip or not; `items`, lists of identifiers ' +
        '(`mbid-…`, one a line), and dumps of metadata answers (`.meta.json.gz`, or folders of them), of which the odd ' +
        'ones come first. The workers add; this command reads. Stopped, it continues where it was when it is run again ' +
        'with the same files. `-` is standard input.',
    )
    .addArgument(new Argument('<kind>').choices(importKinds))
    .argument('<files...>')
    .option('--dry-run', 'count what would be added, and add nothing')
    .option('--from-start', 'forget how far an earlier import of the same came')
    .addOption(new Option('--left-out <file>', 'write every line that was not taken there, with the reason'))
    .option('--json', 'print one JSON object at the end')
    .action(async (kind: ImportKind, files: string[], options: Options, command: Command) => {
      const { database } = configOf(command);
      if (files.filter((file) => file === '-').length > 1) throw new UsageError('- may be named once only');
      const source = await openImportSource(kind, files, process.stdin);
      const temporal = await openOwnTemporal(database);
      const progress = openIngestProgress(process.stderr);
      const leftOut = openLeftOut(options.leftOut);
      try {
        await sayIfNoWorker(temporal, (line) => progress.say(line));
        const result = await runImport(temporal, source, {
          dryRun: options.dryRun ?? false,
          fromStart: options.fromStart ?? false,
          onLeftOut: leftOut.write,
          onProgress: (now) => progress.show({ done: now.records, share: now.share, text: shortly(now) }),
          onStart: (workflowId, resumedAt) => {
            leftOut.restart();
            progress.say(`workflow ${workflowId}${resumedAt > 0 ? `: continues after record ${resumedAt}` : ''}`);
          },
        });
        progress.end();
        if (options.json) printJson([importJson(result)]);
        else printLines(describeImport(result));
        if (!result.complete) throw new Error(whyIncomplete(result));
      } catch (error) {
        progress.end();
        if (error instanceof ChangedSourceError) throw new UsageError(error.message, { cause: error });
        throw error;
      } finally {
        leftOut.close();
        await temporal.connection.close();
      }
    });
}

function shortly({ records, added, raised, known, unreadable, refused }: ImportProgress): string {
  const leftOut = unreadable + refused;
  return `${records} lines, ${added} new, ${raised} raised, ${known} known${leftOut > 0 ? `, ${leftOut} left out` : ''}`;
}

/** The file for what is left out; each reading of the input begins it again. Written at once: nothing piles up. */
function openLeftOut(path: string | undefined): { write: OnLeftOut; restart(): void; close(): void } {
  let file: number | undefined;
  const close = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  return {
    close,
    restart() {
      close();
      if (path !== undefined) file = openSync(path, 'w');
    },
    write: ({ kind, file: from, where, reason, text }) => {
      if (file === undefined) return;
      writeSync(
        file,
        `${[from, where, kind, reason, text].map((part) => part.replace(/[\t\r\n]/g, ' ')).join('\t')}\n`,
      );
    },
  };
}

/** The summary of an import for people, line by line. What was not taken is listed with its place. */
export function describeImport({ progress, entities, files, complete }: ImportResult): readonly string[] {
  const { added, raised, known, records } = progress;
  return [
    ...files.flatMap(describeFile),
    `${numberOf(records, 'line names', 'lines name')} ${numberOf(entities, 'entity', 'entities')}: ${added} new, ${raised} raised, ${known} known` +
      `${complete ? '' : '; not complete'}`,
  ];
}

/** Why an import is not complete, in a line. */
export function whyIncomplete({ files }: ImportResult): string {
  const troubles = files.flatMap(({ file, trouble }) => (trouble === null ? [] : [`${file}: ${trouble.reason}`]));
  const isCut = files.some(({ trouble }) => trouble?.kind === 'cut_short');
  return `${troubles.join('; ')}. ${isCut ? 'Run it again with the whole file: it continues there' : 'The other files are imported'}`;
}

/** The summary of an import for programs. */
export function importJson({ progress, entities, files, complete }: ImportResult): unknown {
  const { added, raised, known, records } = progress;
  return {
    complete,
    records,
    entities,
    new: added,
    raised,
    known,
    unreadable: progress.unreadable,
    refused: progress.refused,
    files: files.map(({ upperCase, hasByteOrderMark, ...tally }) => ({
      ...tally,
      upper_case: upperCase,
      byte_order_mark: hasByteOrderMark,
    })),
  };
}

function describeFile(tally: FileTally): readonly string[] {
  const oddities = [
    ...counted(tally.passed, 'passed'),
    ...counted(tally.suspicious, 'suspicious'),
    ...counted(tally.duplicates, 'named again'),
    ...counted(tally.upperCase, 'in upper case'),
    ...counted(tally.crlf, 'ended by CR LF'),
    ...(tally.hasByteOrderMark ? ['a byte order mark'] : []),
    ...counted(tally.refused.count, 'refused'),
    ...counted(tally.unreadable.count, 'unreadable'),
  ];
  return [
    `${tally.file}: ${tally.records} lines, ${[`${tally.named} name an entity`, ...oddities].join(', ')}`,
    ...(tally.trouble === null
      ? []
      : [`  ${tally.trouble.kind === 'refused' ? 'refused' : 'cut short'}: ${tally.trouble.reason}`]),
    ...listed('refused', tally.refused),
    ...listed('unreadable', tally.unreadable),
  ];
}

function counted(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${what}`];
}

function listed(kind: string, { count, examples }: LeftOut): readonly string[] {
  const more = count - examples.length;
  return [
    ...examples.map(({ where, reason, text }) => `  ${kind}, ${where}: ${reason}: ${JSON.stringify(text)}`),
    ...(more > 0 ? [`  and ${more} more ${kind}; --left-out FILE writes all of them`] : []),
  ];
}
