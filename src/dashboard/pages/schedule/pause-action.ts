import { z } from 'zod';
import { pauseAudits, readStoredBrakes, type StoredBrake } from '../../../database/brakes/index.ts';
import { pauseEvents, takeBrakeOff } from '../../../database/event-states/index.ts';
import { agreeOnPause } from '../../../starters/pause-schedule.ts';
import { agreementInWords } from '../../../wording/schedule.ts';
import { toSeconds } from '../../../wording/moment.ts';
import { askTemporal } from '../../ask-temporal.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/read-form.ts';
import { freeText, moment } from '../../lists/parameter-kinds.ts';
import { badInput, stale } from '../../refusals.ts';
import { scheduleAfter } from './notices.ts';

export type Paused = 'audits' | 'events';

const fields = z.object({ note: freeText(1000), since: moment() });

/** Milliseconds. The pause counts already; Temporal's schedule follows at the next housekeeping at the latest. */
const patience = 3000;

/** Starts no more audits, or events. What another person paused meanwhile stays theirs. */
export async function pause(c: PageContext, what: Paused): Promise<Response> {
  const { db } = c.var.parts;
  const { note } = await readForm(c, fields);
  const by = { actor: c.var.person.name, note: note ?? null };
  const pause = await (what === 'audits' ? pauseAudits(db, by) : pauseEvents(db, by));
  if (!pause.isTheirs) {
    throw stale(
      `${nameOf(what)} are paused already, since ${toSeconds(pause.since)}: ${pause.reason}. Nothing was changed.`,
    );
  }
  if (what === 'audits') await followInTemporal(c);
  return c.redirect(scheduleAfter(`${what}_paused`), 303);
}

/** Ends the pause that was seen, and no other. */
export async function resume(c: PageContext, what: Paused): Promise<Response> {
  const { db } = c.var.parts;
  const { note, since } = await readForm(c, fields);
  if (since === undefined) throw badInput(['since has to say which pause was seen']);
  const by = { actor: c.var.person.name, note: note ?? null };
  const ended = await takeBrakeOff(db, { name: `${what}_paused`, since, by });
  if (ended === null) {
    const found = await pauseOf(c, what);
    throw stale(
      found === null
        ? `${nameOf(what)} are not paused any more. Nothing was changed.`
        : `${nameOf(what)} were paused anew at ${toSeconds(found.since)}: ${found.reason}. Nothing was changed.`,
    );
  }
  if (what === 'audits') await followInTemporal(c);
  return c.redirect(scheduleAfter(`${what}_resumed`), 303);
}

async function pauseOf(c: PageContext, what: Paused): Promise<StoredBrake | null> {
  const brakes = await c.var.read(readStoredBrakes);
  return brakes.find(({ name }) => name === `${what}_paused`) ?? null;
}

/** Makes Temporal's schedule say the same, where it can be reached. */
export async function followInTemporal(c: PageContext): Promise<void> {
  const { db, log } = c.var.parts;
  const asked = await askTemporal(c, patience, (temporal) => agreeOnPause(db, temporal));
  if (asked.kind === 'unreachable') log.warn({ reason: asked.reason }, agreementInWords(asked));
}

function nameOf(what: Paused): string {
  return what === 'audits' ? 'Audits' : 'Events';
}
