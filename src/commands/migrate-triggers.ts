import type { Database } from '../database/connection.ts';
import { type InstalledTriggers, installTriggers, removeTriggers } from '../database/schema/triggers.ts';
import { readTriggerState } from '../database/schema/trigger-files.ts';

/** What a direction of `migrate` has to say, for people and for programs. */
export interface Report {
  readonly lines: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
}

type Log = (line: string) => void;

export async function installed(db: Database, log: Log): Promise<Report> {
  const triggers = await installTriggers(db, { log });
  return {
    lines: triggers.map((of) => `Triggers for ${of.entityType}s: ${inWords(of)}`),
    json: {
      triggers: triggers.map(({ entityType, outcome, foreign }) => ({ entity_type: entityType, outcome, foreign })),
    },
  };
}

export async function removed(db: Database, log: Log): Promise<Report> {
  const gone = await removeTriggers(db, { log });
  return {
    lines: gone.length === 0 ? ['No triggers of ours were there'] : gone.map((trigger) => `Removed: ${trigger}`),
    json: { triggers_removed: gone },
  };
}

export async function triggerLines(db: Database): Promise<Report> {
  const triggers = (await readTriggerState(db)).map(({ entityType, present, missing, foreign }) => ({
    entity_type: entityType,
    present: present.map(({ name }) => name),
    missing: missing.map(({ name }) => name),
    foreign,
  }));
  const lines = triggers.map(({ entity_type: entityType, present, missing, foreign }) => {
    const others = foreign.length === 0 ? '' : `; somebody else's: ${foreign.join(', ')}`;
    return `triggers for ${entityType}s: ${present.length} of ours, ${missing.length} missing${others}`;
  });
  return { lines, json: { triggers } };
}

function inWords({ outcome, foreign }: InstalledTriggers): string {
  switch (outcome) {
    case 'installed':
      return 'installed';
    case 'present':
      return 'ours were there already; their functions are up to date';
    case 'foreign':
      return `left alone, since others fill the queue: ${foreign.join(', ')}`;
    case 'both':
      return (
        `both ours and others fill the queue (${foreign.join(', ')}), and theirs can make edits at MusicBrainz fail ` +
        'beside ours. Take ours away with `migrate down --with-triggers`'
      );
  }
}
