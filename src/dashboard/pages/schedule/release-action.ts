import { z } from 'zod';
import { readStoredBrakes, storedBrakeNames } from '../../../database/brakes/index.ts';
import { takeBrakeOff } from '../../../database/event-states/index.ts';
import { toSeconds } from '../../../wording/moment.ts';
import type { PageContext } from '../../environment.ts';
import { readForm } from '../../forms/read-form.ts';
import { choice, freeText, moment } from '../../lists/parameter-kinds.ts';
import { badInput, stale } from '../../refusals.ts';
import { scheduleAfter } from './notices.ts';
import { followInTemporal } from './pause-action.ts';

const fields = z.object({ brake: choice(storedBrakeNames), since: moment(), note: freeText(1000) });

/** Takes off the brake that was seen: one that was put on anew since has reasons that nobody has looked at. */
export async function releaseAction(c: PageContext): Promise<Response> {
  const { db } = c.var.parts;
  const { brake: name, since, note } = await readForm(c, fields);
  if (name === undefined || since === undefined) throw badInput(['brake and since have to say which one was seen']);
  const released = await takeBrakeOff(db, { name, since, by: { actor: c.var.person.name, note: note ?? null } });
  if (released === null) {
    const found = (await c.var.read(readStoredBrakes)).find((each) => each.name === name);
    throw stale(
      found === undefined
        ? `${name} is not on any more. Nothing was changed.`
        : `${name} was put on anew at ${toSeconds(found.since)}: ${found.reason}. Nothing was changed.`,
    );
  }
  if (name === 'audits_paused') await followInTemporal(c);
  return c.redirect(scheduleAfter('released'), 303);
}
