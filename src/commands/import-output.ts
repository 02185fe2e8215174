import type { ImportResult } from '../starters/import.ts';
import type { FileTally, LeftOut } from '../starters/reading/tally.ts';

/** The summary of an import for people, line by line. What was not taken is listed with its place. */
export function describeImport({ progress, entities, files, complete }: ImportResult): readonly string[] {
  const { added, raised, known, records } = progress;
  return [
    ...files.flatMap(describeFile),
    `${records} lines name ${entities} entities: ${added} new, ${raised} raised, ${known} known` +
      `${complete ? '' : '; not complete'}`,
  ];
}

/** Why an import is not complete, in a line. */
export function whyIncomplete({ files }: ImportResult): string {
  const troubles = files.flatMap(({ file, trouble }) => (trouble === null ? [] : [`${file}: ${trouble.reason}`]));
  const isCut = files.some(({ trouble }) => trouble?.kind === 'cut_short');
  return `${troubles.join('; ')}. ${isCut ? 'Run it again with the whole file: it goes on there' : 'The other files are imported'}`;
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
