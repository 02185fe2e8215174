import { z } from 'zod';
import { type PauseWindow, windowKinds } from '../../../database/brakes/windows.ts';
import { largestCanary } from '../../../database/pace/canary.ts';
import { pauseBrake, type PauseKind } from '../../../domain/brake.ts';
import type { StoredBrake } from '../../../database/brakes/stored-brakes.ts';
import { entityTypes } from '../../../domain/entity.ts';
import { modeInWords } from '../../../wording/schedule.ts';
import { choice, freeText, moment } from '../../forms/parameters.ts';
import { closeWindow, orderOf, pause, releasable, release, setPace, setWindow } from '../../pages/schedule/actions.ts';
import { setMode } from '../../pages/schedule/mode-form.tsx';
import { type ApiAction, apiAction, momentInJson, numberInJson, rowNumber } from '../api-action.ts';

const note = freeText(1000).describe('Why; recorded');

const entityType = choice(entityTypes).describe('Of this entity type alone; otherwise of all');

const brakeInJson = z.strictObject({ name: z.string(), reason: z.string(), since: momentInJson });
type BrakeInJson = z.output<typeof brakeInJson>;

function toJson({
  name,
  reason,
  since,
}: Pick<StoredBrake, 'reason' | 'since'> & { readonly name: string }): BrakeInJson {
  return { name, reason, since: since.toISOString() };
}

function pausing(what: PauseKind, inWords: string): ApiAction[] {
  return [
    apiAction({
      path: `/schedule/pause-${what}`,
      summary: `${inWords}; what another person paused stays theirs`,
      body: { entity_type: entityType, note },
      answer: { brake: brakeInJson },
      run: async (c, { entity_type: type, note: why }) => ({
        brake: toJson(await pause(c, { what, entityType: type }, { note: why })),
      }),
    }),
    apiAction({
      path: `/schedule/resume-${what}`,
      summary: `End the pause of ${what}`,
      body: {
        entity_type: entityType,
        since: moment().describe('Only the pause that began then; otherwise whichever is on'),
        note,
      },
      answer: { ended: brakeInJson.nullable().describe('As it was; null where there was none') },
      run: async (c, { entity_type: type = null, since, note: why }) => {
        const ended = await release(c, { brake: pauseBrake(what, type), note: why, ...(since && { since }) });
        return { ended: ended && toJson(ended) };
      },
    }),
  ];
}

const windowInJson = z.strictObject({
  id: numberInJson,
  what: z.enum(windowKinds),
  entity_type: z.enum(entityTypes).nullable(),
  daily: z.boolean(),
  since: momentInJson,
  until: momentInJson,
  is_on: z.boolean(),
  reason: z.string(),
});

function windowToJson({
  id,
  stops,
  entityType: type,
  daily,
  since,
  until,
  isOn,
  reason,
}: PauseWindow): z.output<typeof windowInJson> {
  const times = { since: since.toISOString(), until: until.toISOString() };
  return { id, what: stops, entity_type: type, daily, ...times, is_on: isOn, reason };
}

const number = 'a number above 0 and below a billion';

const entities = `a whole number from 1 to ${largestCanary}`;

/** What can be done to the pace, the mode and brakes. */
export const scheduleActions: readonly ApiAction[] = [
  ...pausing('audits', 'Let audits in progress end, and start no more paced ones'),
  ...pausing('events', 'Let events in progress end, and start no more'),
  ...pausing('repairs', 'Let repairs in progress end, and start no more events that audits queued; others continue'),
  apiAction({
    path: '/schedule/release',
    summary: 'Take a brake off',
    body: {
      brake: choice(releasable).unwrap(),
      since: moment().describe('Only the one that was put on then; otherwise whichever is on'),
      note,
    },
    answer: { released: brakeInJson.nullable().describe('As it was; null where it was not on') },
    run: async (c, { since, ...what }) => {
      const released = await release(c, { ...what, ...(since && { since }) });
      return { released: released && toJson(released) };
    },
  }),
  apiAction({
    path: '/schedule/window',
    summary: 'Set a window in which nothing new is asked of the archive; it begins and ends automatically',
    body: {
      from: freeText(40).describe(
        'A time of day or a moment, of UTC where no zone stands behind it; at once where not given',
      ),
      until: freeText(40).unwrap().describe('Likewise when it ends'),
      daily: z.boolean().optional().describe('Whether it comes again each day; then both are times of day'),
      what: choice(windowKinds).describe('What it stops; all where not given'),
      entity_type: entityType,
      note: freeText(1000).unwrap().describe('The reason: shown while the window is on, and recorded'),
    },
    answer: { window: windowInJson },
    run: async (c, { entity_type: type, ...body }) => ({
      window: windowToJson(await setWindow(c, { ...body, entityType: type })),
    }),
  }),
  apiAction({
    path: '/schedule/end-window',
    summary: 'End a window, on or to come',
    body: { id: rowNumber(), note },
    answer: { ended: windowInJson.describe('As it was') },
    run: async (c, { id, note: why }) => ({ ended: windowToJson(await closeWindow(c, id, { note: why })) }),
  }),
  apiAction({
    path: '/schedule/mode',
    summary:
      'Set whether what audits find is repaired, for every worker; a canary repairs a limited number of entities, then reports again',
    body: {
      mode: choice(['repair', 'report', 'canary']).unwrap(),
      entities: z
        .int({ error: entities })
        .min(1, entities)
        .max(largestCanary, entities)
        .optional()
        .describe('Of a canary'),
      seen: moment().describe('When the mode that was seen was set: where another was set since, that one stays'),
      note,
    },
    answer: { mode: z.enum(Object.keys(modeInWords)), set_by: z.string().nullable(), set_at: momentInJson.nullable() },
    run: async (c, { seen, ...change }) => {
      const { mode, setBy, setAt } = await setMode(c, { ...change, ...(seen && { seenSetAt: seen }) });
      return { mode, set_by: setBy, set_at: setAt?.toISOString() ?? null };
    },
  }),
  apiAction({
    path: '/schedule/pace',
    summary: 'Set how many audits are started, or let the configuration’s pace count again',
    body: {
      number: z.number({ error: number }).gt(0, number).lt(1e9, number).optional().describe('Not with unit default'),
      unit: choice(['hour', 'day', 'default']).unwrap(),
      entity_type: choice(entityTypes).describe(
        'Gives this entity type its own pace, or with unit default takes it away; otherwise for all that have none',
      ),
      seen: moment().describe('When the pace that was seen was set: where another was set since, that one stays'),
      note,
    },
    answer: {
      per_hour: z.number(),
      source: z.enum(['configuration', 'operator']),
      set_by: z.string().nullable(),
      set_at: momentInJson.nullable(),
    },
    run: async (c, { number: amount, unit, entity_type: type, seen, note: why }) => {
      const order = orderOf(amount, unit);
      const pace = await setPace(c, { order, entityType: type, note: why, ...(seen && { seenSetAt: seen }) });
      const { perHour, source, setBy, setAt } = pace;
      return { per_hour: perHour, source, set_by: setBy, set_at: setAt?.toISOString() ?? null };
    },
  }),
];
