import { z } from 'zod';
import { takeBrakeOff } from '../../../database/attempts/probes.ts';
import {
  type Brake,
  brakedType,
  type CoolDownName,
  coolDownNames,
  inUtc,
  pauseBrake,
  pausedBy,
  type PauseKind,
  type StoredBrakeName,
  storedBrakeNames,
} from '../../../domain/brake.ts';
import { releaseCoolDowns } from '../../../database/brakes/budget.ts';
import {
  type PauseOrder,
  pauseWork,
  readStoredBrakes,
  type StoredBrake,
} from '../../../database/brakes/stored-brakes.ts';
import type { Operator } from '../../../database/operators/recorded.ts';
import { type PauseWindow, type WindowKind, windowKinds } from '../../../database/brakes/windows.ts';
import { addWindow, endWindow, WindowRefusedError } from '../../../database/pace/change-windows.ts';
import { changePace, type Pace, type PaceChange, type PaceOrder } from '../../../database/pace/rate.ts';
import { type EntityType, entityTypes } from '../../../domain/entity.ts';
import { agreeOnPause } from '../../../starters/pause-schedule.ts';
import { agreementInWords, ofArchive, paceInWords, parsePace } from '../../../wording/schedule.ts';
import { readWindowOrder } from '../../../wording/window-times.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/action-form.tsx';
import { choice, freeText, moment, rowId, ticked } from '../../forms/parameters.ts';
import { badAddress, badField, stale } from '../../refusals.ts';
import { askTemporal } from '../../temporal.ts';

/** What was just done, by the word that the address has after it. */
export const notices = {
  audits_paused: 'Audits are paused: those in progress end, and no paced one is started. Events continue.',
  audits_resumed: 'Audits are started again, unless another brake is on.',
  events_paused: 'Events are paused: what is in progress ends, and no other is started. Audits continue.',
  events_resumed: 'Events are started again, unless something else stops them.',
  repairs_paused:
    'Repairs are paused: what audits queued waits, and what is in progress ends. Events of MusicBrainz and of people continue.',
  repairs_resumed: 'Repairs are started again, unless something else stops them.',
  type_paused: 'It is paused for that archive alone: what is in progress ends, and no other is started.',
  type_resumed: 'It is started again for that archive, unless something else stops it.',
  mode_canary:
    'The mode is repair for a limited number of entities, for all workers; then it is report again automatically, and what has come of them is said here.',
  mode_repair: 'The mode is repair, for all workers: what waited for it becomes due with the next housekeeping.',
  mode_report:
    'The mode is report, for all workers: repairs that are queued already are carried out, and no other is queued.',
  pace_set: 'The pace is set. It overrides the configuration’s, also after restarts.',
  pace_cleared: 'The configuration’s pace counts again.',
  released: 'The brake is off. It takes new observations to put it on again.',
  window_set: 'The window is set. It begins and ends automatically.',
  window_ended: 'The window has ended. Audits that waited for it are due now, unless another window keeps them.',
} as const;

export type Notice = keyof typeof notices;

export const noticeNames = Object.keys(notices) as [Notice, ...Notice[]];

/** The page after something was done. */
export function scheduleAfter(done: Notice): string {
  return `/schedule?done=${done}`;
}

/** What is recorded with what somebody does. */
export interface Noted {
  readonly note?: string | undefined;
}

export function byOf(c: PageContext, note: string | undefined): Operator {
  return { actor: c.var.person.name, note: note ?? null };
}

const amountLooksLike = 'a number above 0 and below a billion, e.g. 600, 1,200 a day or 0.5; a pause stops audits';

const paceFields = z.object({
  number: z
    .string({ error: amountLooksLike })
    .transform(parsePace)
    .refine((amount) => amount !== null, amountLooksLike)
    .optional(),
  unit: choice(['hour', 'day', 'default']),
  note: freeText(1000),
  entity_type: choice(entityTypes),
  /** When the pace that was seen was set; nothing where it was the configuration's. */
  seen: moment(),
});

export async function setPaceAction(c: PageContext): Promise<Response> {
  const { number: amount, unit: chosen = 'hour', note, entity_type: entityType, seen } = await readForm(c, paceFields);
  // What stands behind the number goes before the list beside it, which has a standard.
  const unit = chosen === 'default' ? chosen : (amount?.unit ?? chosen);
  await setPace(c, { order: orderOf(amount?.number, unit), entityType, note, seenSetAt: seen ?? null });
  return c.redirect(scheduleAfter(unit === 'default' ? 'pace_cleared' : 'pace_set'), 303);
}

/**
 * Sets the pace, or lets the configuration's count again; not where somebody else changed it meanwhile.
 *
 * @throws {Refusal} 409
 */
export async function setPace(c: PageContext, { note, ...change }: Noted & Omit<PaceChange, 'by'>): Promise<Pace> {
  const { db, config } = c.var.parts;
  const { done, pace } = await changePace(db, config(), { ...change, by: byOf(c, note) });
  if (!done) throw stale(`The pace was changed meanwhile: ${paceInWords(pace)}. It stays so.`);
  return pace;
}

/** What an amount and its unit ask for. @throws {Refusal} 400 where there has to be an amount */
export function orderOf(number: number | undefined, unit: 'day' | 'default' | 'hour'): PaceOrder | null {
  if (unit === 'default') return null;
  if (number === undefined) throw badField('number', `number takes ${amountLooksLike}; it got nothing`);
  return unit === 'day' ? { perDay: number } : { perHour: number };
}

const pauseFields = z.object({ note: freeText(1000), entity_type: choice(entityTypes), since: moment() });

/** Milliseconds. The pause counts already; Temporal's schedule follows at the next housekeeping at the latest. */
const patience = 3000;

export async function pauseAction(c: PageContext, what: PauseKind): Promise<Response> {
  const { note, entity_type: entityType } = await readForm(c, pauseFields);
  await pause(c, { what, entityType }, { note });
  return c.redirect(scheduleAfter(entityType === undefined ? `${what}_paused` : 'type_paused'), 303);
}

/** Starts no more audits, events or repairs. What another person paused meanwhile stays theirs. @throws {Refusal} 409 */
export async function pause(c: PageContext, order: PauseOrder, { note }: Noted): Promise<StoredBrake> {
  const pause = await pauseWork(c.var.parts.db, order, byOf(c, note));
  if (!pause.isTheirs) {
    throw stale(
      `${pausedName(pause.name)} are paused already, since ${inUtc(pause.since)}: ${pause.reason}. Nothing was changed.`,
    );
  }
  if (pause.name === 'audits_paused') await followInTemporal(c);
  return pause;
}

/** Ends the pause that was seen, and no other. */
export async function resumeAction(c: PageContext, what: PauseKind): Promise<Response> {
  const { note, entity_type: entityType, since } = await readForm(c, pauseFields);
  if (since === undefined) throw badAddress('since', 'since has to say which pause was seen');
  await release(c, { brake: pauseBrake(what, entityType ?? null), since, note });
  return c.redirect(scheduleAfter(entityType === undefined ? `${what}_resumed` : 'type_resumed'), 303);
}

/** Makes Temporal's schedule say the same, where it can be reached. */
async function followInTemporal(c: PageContext): Promise<void> {
  const { db, log } = c.var.parts;
  const asked = await askTemporal(c, patience, (temporal) => agreeOnPause(db, temporal));
  if (asked.kind === 'unreachable') log.warn({ reason: asked.reason }, agreementInWords(asked));
}

/** What can be paused, as sentences begin with it. */
export const pausedNames: Readonly<Record<PauseKind, string>> = {
  audits: 'Audits',
  events: 'Events',
  repairs: 'Repairs',
};

/** What a pause stops, as sentences begin with it. */
function pausedName(name: StoredBrakeName): string {
  const what = pausedBy(name);
  return what === null ? name : `${pausedNames[what]}${ofArchive(brakedType(name))}`;
}

/** The brakes that a person may take off. */
export const releasable = [...storedBrakeNames, ...coolDownNames] as const;
type ReleasableName = (typeof releasable)[number];

const releaseFields = z.object({ brake: choice(releasable), since: moment(), note: freeText(1000) });

export async function releaseAction(c: PageContext): Promise<Response> {
  const { brake, since, note } = await readForm(c, releaseFields);
  if (brake === undefined || since === undefined)
    throw badAddress('since', 'brake and since have to say which one was seen');
  await release(c, { brake, since, note });
  return c.redirect(scheduleAfter('released'), 303);
}

/**
 * Takes a brake off.
 *
 * @param what.since the one that was seen: one that was set again since has reasons that nobody has seen. Where it
 *   isn't given, whichever is on
 * @returns the brake as it was; null where none was on, and none was seen
 * @throws {Refusal} 409 where the one that was seen isn't on any more
 */
export async function release(
  c: PageContext,
  { brake: name, note, ...seen }: Noted & { readonly brake: ReleasableName; readonly since?: Date },
): Promise<ReleasedBrake | null> {
  if (isCoolDown(name)) {
    const service = name === 'cool_down_archive' ? 'archive' : 'musicbrainz';
    const [ended] = await releaseCoolDowns(c.var.parts.db, { services: [service], ...seen, by: byOf(c, note) });
    if (ended !== undefined) return { name, reason: ended.reason, since: ended.since };
    if (seen.since === undefined) return null;
    throw stale(`The cool-down of ${service} that was seen is not on any more. Nothing was changed.`);
  }
  const released = await takeBrakeOff(c.var.parts.db, { name, ...seen, by: byOf(c, note) });
  if (released === null && seen.since !== undefined) {
    const found = (await c.var.read(readStoredBrakes)).find((each) => each.name === name);
    const [what, [is, was]] = subjectOf(name);
    throw stale(
      found === undefined
        ? `${what} ${is} any more. Nothing was changed.`
        : `${what} ${was} again at ${inUtc(found.since)}: ${found.reason}. Nothing was changed.`,
    );
  }
  if (name === 'audits_paused') await followInTemporal(c);
  return released;
}

type ReleasedBrake = Pick<Brake, 'name' | 'reason'> & { readonly since: Date };

function isCoolDown(name: ReleasableName): name is CoolDownName {
  return coolDownNames.some((known) => known === name);
}

const windowFields = z.object({
  from: freeText(40),
  until: freeText(40),
  daily: ticked(),
  what: choice(windowKinds),
  entity_type: choice(entityTypes),
  note: freeText(1000),
});

export async function setWindowAction(c: PageContext): Promise<Response> {
  const { entity_type: entityType, ...asked } = await readForm(c, windowFields);
  await setWindow(c, { ...asked, entityType });
  return c.redirect(scheduleAfter('window_set'), 303);
}

interface WindowAsked extends Noted {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly daily?: boolean | undefined;
  readonly what?: WindowKind | undefined;
  readonly entityType?: EntityType | undefined;
}

/** Sets a window without audits, events or both. @throws {Refusal} 400, naming what makes no sense */
export async function setWindow(
  c: PageContext,
  { from, until, daily = false, what = 'all', entityType, note }: WindowAsked,
): Promise<PauseWindow> {
  const order = readWindowOrder({ from, until, daily });
  if (order.kind === 'wrong') throw badField(order.field, `${order.field} ${order.message}`);
  if (note === undefined) throw badField('note', 'note takes the reason: it is shown while the window is on');
  const asked = { order, stops: what, ...(entityType && { entityType }), reason: note, by: byOf(c, note) };
  return addWindow(c.var.parts.db, asked).catch((error: unknown) => {
    throw error instanceof WindowRefusedError ? badField('until', `until makes no window: ${error.message}`) : error;
  });
}

const endWindowFields = z.object({ id: rowId(), note: freeText(1000) });

export async function endWindowAction(c: PageContext): Promise<Response> {
  const { id, note } = await readForm(c, endWindowFields);
  if (id === undefined) throw badAddress('id', 'id has to say which window is meant');
  await closeWindow(c, id, { note });
  return c.redirect(scheduleAfter('window_ended'), 303);
}

/** Ends a window for good. @throws {Refusal} 409 where it is not on or to come any more */
export async function closeWindow(c: PageContext, id: number, { note }: Noted): Promise<PauseWindow> {
  const ended = await endWindow(c.var.parts.db, { id, by: byOf(c, note) });
  if (ended === null) throw stale(`Window ${id} is neither on nor to come any more. Nothing was changed.`);
  return ended;
}

/** How a refusal speaks of a brake: a pause by what it stops. */
function subjectOf(name: StoredBrakeName): readonly [string, readonly [string, string]] {
  const isPause = pausedBy(name) !== null;
  return [pausedName(name), isPause ? ['are not paused', 'were paused'] : ['is not on', 'was set']];
}
