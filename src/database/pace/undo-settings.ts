import type { BulkKind } from '../operators/bulk-kind.ts';
import { actionToUndo, type Operator, type RecordedAction, type UndoFilter } from '../operators/recorded.ts';
import type { Transaction } from '../connection.ts';
import { lockAllClaims } from '../locks.ts';
import { changeModeIn, type Mode, readMode } from './mode.ts';
import { clearPace, type RecordedPace, readRecordedPace, setPace } from './rate.ts';
import { pausedBy, type StoredBrakeName } from '../../domain/brake.ts';
import { readStoredBrakes, releaseBrake, setBrake } from '../brakes/stored-brakes.ts';
import { endWindowIn, restoreWindow } from './change-windows.ts';

/**
 * Undoes one change of pace, mode, a pause or a window, where nothing has changed it since. Its one row is the record. What
 * it does is recorded as the change that it is, and can be undone by that record.
 */
export const undoOnSettings: BulkKind = {
  async choose(_tx, filter) {
    const { action } = filter as UndoFilter;
    return { rows: [{ target: action, place: '1970-01-01T00:00:00Z' }], next: null };
  },

  async carryOut(tx, { filter, rows, dryRun, by }) {
    const action = await actionToUndo(tx, filter);
    const undo = Object.hasOwn(undoings, action.kind) ? undoings[action.kind] : undefined;
    const reason = undo === undefined ? 'it is no change of a setting' : await undo(tx, action, { by, dryRun });
    return rows.map(({ target }) =>
      reason === null ? { target, outcome: 'done' } : { target, outcome: 'refused', reason },
    );
  },
};

interface Undoing {
  readonly by: Operator;
  readonly dryRun: boolean;
}

/** Does it, unless it is a dry run. @returns what has happened since, in words; null where nothing has */
type Undo = (tx: Transaction, action: RecordedAction, undoing: Undoing) => Promise<string | null>;

const undoings: Readonly<Record<string, Undo>> = {
  set_pace: undoPace,
  clear_pace: undoPace,
  set_mode: undoMode,
  set_brake: undoPause,
  release_brake: undoResume,
  add_window: async (tx, { after }, { by, dryRun }) => {
    const ended = await endWindowIn(tx, { id: Number(after?.['id']), by, dryRun });
    return ended === null ? 'it is neither on nor to come any more' : null;
  },
  end_window: async (tx, { after }, { by, dryRun }) => {
    const isRestored = await restoreWindow(tx, { id: Number(after?.['id']), by, dryRun });
    return isRestored ? null : 'it would be over by now';
  },
};

async function undoPace(tx: Transaction, { before, after }: RecordedAction, { by, dryRun }: Undoing) {
  await tx.query('select from artwork_reconciler.pace for update');
  const [former, set] = [before, after] as readonly (RecordedPace | null)[];
  const entityType = (former ?? set)?.entity_type ?? null;
  const now = await readRecordedPace(tx, entityType);
  const isSame = (['set_per_hour', 'set_per_day'] as const).every(
    (unit) => (now?.[unit] ?? null) === (set?.[unit] ?? null),
  );
  if (!isSame) return 'the pace was changed since';
  if (dryRun) return null;
  const [perHour, perDay] = [former?.set_per_hour ?? null, former?.set_per_day ?? null];
  if (perHour !== null) await setPace(tx, { perHour }, by, entityType);
  else if (perDay !== null) await setPace(tx, { perDay }, by, entityType);
  else await clearPace(tx, by, entityType);
  return null;
}

/** Milliseconds in which two moments of one transaction may differ: one of them has microseconds. */
const sameMoment = 1;

async function undoMode(tx: Transaction, { before, from }: RecordedAction, { by, dryRun }: Undoing) {
  await tx.query('select from artwork_reconciler.pace for update');
  // It is set by now: this action did it, if no other.
  const { setAt } = await readMode(tx, { mode: 'report' });
  if (setAt === null || Math.abs(setAt.getTime() - from.getTime()) > sameMoment) return 'the mode was set again since';
  const mode = before?.['mode'] as Mode;
  // One that this ended continues with those that were left to it.
  const { rows } = await tx.query<{ remaining: number }>(
    `select remaining from artwork_reconciler.canary where abs(extract(epoch from ended_at - $1::timestamptz)) <= 0.001`,
    [from],
  );
  const left = rows[0]?.remaining;
  if (left === 0) return 'a canary ended automatically: `schedule mode canary` begins another';
  if (!dryRun) await changeModeIn(tx, { mode: 'report' }, { mode, ...(left !== undefined && { canary: left }), by });
  return null;
}

interface RecordedBrake {
  readonly reason: string;
  readonly since: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

async function undoPause(tx: Transaction, { target, before, after }: RecordedAction, { by, dryRun }: Undoing) {
  if (before !== null) return 'it gave a pause another note only; resuming ends that pause';
  const name = target as StoredBrakeName;
  const brake = (await readStoredBrakes(tx)).find((each) => each.name === name);
  const { since, reason } = after as unknown as RecordedBrake;
  if (brake === undefined) return 'it is not paused any more';
  if (brake.since.getTime() !== new Date(since).getTime()) return 'it was resumed, and paused again';
  if (brake.reason !== reason) return 'the pause was given another note since';
  if (!dryRun) await releaseBrake(tx, { name, since: brake.since, by });
  return null;
}

async function undoResume(tx: Transaction, { target, before }: RecordedAction, { by, dryRun }: Undoing) {
  const name = target as StoredBrakeName;
  if (pausedBy(name) !== 'audits') await lockAllClaims(tx);
  if ((await readStoredBrakes(tx)).some((each) => each.name === name)) return 'it is paused again already';
  const { reason, detail } = before as unknown as RecordedBrake;
  if (!dryRun) await setBrake(tx, { name, reason, detail, by });
  return null;
}
