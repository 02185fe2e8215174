import type { Command } from 'commander';
import { entityList, type ListedEntityRow } from '../database/entities/list-entities.ts';
import { nameInWords, oneLine } from '../wording/text.ts';
import { agoInWords } from '../wording/time.ts';
import { addListCommand } from './list-command.ts';
import { addNamed } from './subcommands.ts';

export async function addEntities(program: Command, named: readonly string[]): Promise<void> {
  const entities = program
    .command('entities')
    .description('Entities that are audited: releases and events that MusicBrainz or the archive has art for.')
    .helpCommand(false);
  await addNamed(entities, named, [
    { names: ['list'], load: () => Promise.resolve([(command) => addListCommand(command, entityList, inWords)]) },
    {
      names: ['prioritise', 'recheck', 'exclude', 'include'],
      load: async () => {
        const { addExclude, addInclude, addPrioritise, addRecheck } = await import('./entities/levers.ts');
        return [addPrioritise, addRecheck, addExclude, addInclude];
      },
    },
  ]);
}

function dueInWords(dueAt: Date | null, dueCause: string | null): string {
  if (dueCause === 'excluded') return 'excluded';
  return dueAt === null ? 'due now' : `due ${agoInWords(dueAt)}: ${dueCause}`;
}

/** Entities of a list as a person reads them, one a line. */
function inWords(entities: readonly ListedEntityRow[]): readonly string[] {
  return entities.map(({ id, entityType, gid, name, status, priority, lastAuditAt, dueAt, dueCause, checks }) => {
    const audited = lastAuditAt === null ? 'never audited' : `audited ${agoInWords(lastAuditAt)}`;
    const due = status !== 'unchecked' ? [] : [dueInWords(dueAt, dueCause)];
    return [
      id,
      entityType + ' ' + gid,
      ...(name ? [`“${oneLine(nameInWords(name))}”`] : []),
      status,
      `priority ${priority}`,
      audited,
      ...due,
      checks.join(', '),
    ]
      .join('  ')
      .trimEnd();
  });
}
