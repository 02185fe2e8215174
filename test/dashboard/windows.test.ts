import { beforeEach, describe, expect, test } from 'vitest';
import { coolDown } from '../../src/database/brakes/budget.ts';
import { dashboardParts, type Visited, type Visitor, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
let visitor: Visitor;
beforeEach(async () => {
  await database.db.query(
    'truncate artwork_reconciler.pause_window, artwork_reconciler.operator_action, artwork_reconciler.budget cascade',
  );
  visitor = visitorOf(dashboardParts(database));
});

/** Sends a form of a page that was seen, with its hidden fields. */
function sendSeen(page: string, form: string, fields: Readonly<Record<string, string>> = {}): Promise<Visited> {
  const text = new RegExp(`<form method="post"[^>]* id="${form}".*?</form>`, 's').exec(page)![0];
  const hidden: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)) hidden[name!] = value!;
  return visitor.post(/action="([^"]+)"/.exec(text)![1]!, { ...hidden, ...fields });
}

const send = async (form: string, fields: Readonly<Record<string, string>>): Promise<Visited> =>
  sendSeen((await visitor.get('/schedule')).body, form, fields);

async function recorded() {
  const { rows } = await database.db.query<{ action: string; target: string; note: string | null }>(
    'select action, target, note from artwork_reconciler.operator_action order by id',
  );
  return rows.map(({ action, target, note }) => [action, target, note]);
}

describe('a window', () => {
  test('is set, shown with its countdown, and ended; both recorded', async () => {
    const set = await send('window', { until: '23:59+12:00', what: 'events', note: 'the archive rests' });
    expect(set).toMatchObject({ status: 303 });
    const { body } = await visitor.get('/schedule');
    const id = /id="window-(\d+)"/.exec(body)![1]!;
    expect(body).toContain('id="brake-window_events"');
    expect(body).not.toContain('id="brake-window_audits"');
    expect(body).toMatch(/no events, from .*, on, ends in \d+ (h|min|s): the archive rests, by /);
    expect(await sendSeen(body, `end-window-${id}`, { note: 'done' })).toMatchObject({ status: 303 });
    expect((await visitor.get('/schedule')).body).toContain('No window is on or to come.');
    expect(await sendSeen(body, `end-window-${id}`)).toMatchObject({ status: 409 });
    expect(await recorded()).toEqual([
      ['add window', 'window', 'the archive rests'],
      ['end window', 'window', 'done'],
    ]);
  });

  test('that is sent eight times, as by impatient clicks, is one, and recorded once', async () => {
    const { body } = await visitor.get('/schedule');
    const order = { until: '23:59+12:00', what: 'events', note: 'the archive rests' };
    const sent = await Promise.all(Array.from({ length: 8 }, () => sendSeen(body, 'window', order)));
    expect(sent.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 303));
    expect(await recorded()).toEqual([['add window', 'window', 'the archive rests']]);
    expect((await visitor.get('/schedule')).body.match(/id="window-\d+"/g)).toHaveLength(1);
    await sendSeen(body, 'window', { ...order, note: 'another reason' });
    expect(await recorded()).toHaveLength(2);
  });

  test.each([
    [{ until: 'later', note: 'x' }, 'until'],
    [{ from: '22:00', until: '22:00', note: 'x' }, 'until'],
    [{ until: '22:00', daily: '1', note: 'x' }, 'daily'],
    [{ from: '2999-01-02T00:00', until: '2999-01-01T00:00', note: 'x' }, 'until'],
    [{ until: '22:00' }, 'note'],
  ])('%j is refused at its field, and what was written stays', async (fields, field) => {
    const { status, body } = await send('window', { what: 'audits', ...fields });
    expect(status).toBe(400);
    expect(body).toContain(`id="window-${field}-problem"`);
    const form = /<form method="post"[^>]* id="window".*?<\/form>/s.exec(body)![0];
    expect(form).toContain(`value="${fields.until}"`);
    expect(form).toMatch(/<option value="audits" selected/);
    expect(await recorded()).toEqual([]);
  });
});

describe('of one archive alone', () => {
  beforeEach(async () => {
    await database.db.query('truncate artwork_reconciler.brake, artwork_reconciler.own_pace');
  });

  test('a pause is set, shown on every page and resumed, beside the pause of all', async () => {
    const set = await send('pause-events', { entity_type: 'event', note: 'event art' });
    expect(set).toMatchObject({ status: 303, location: '/schedule?done=type_paused' });
    const { body } = await visitor.get('/schedule');
    expect(body).toContain('Events of the Event Art Archive are <strong>paused');
    for (const page of ['/schedule', '/entities', '/']) {
      expect((await visitor.get(page)).body).toMatch(/events paused eaa<\/a>: no events of the Event Art Archive/);
    }
    expect(await send('pause-events', { note: 'all of them' })).toMatchObject({
      location: '/schedule?done=events_paused',
    });
    expect(await send('pause-events-event', { note: 'done' })).toMatchObject({
      location: '/schedule?done=type_resumed',
    });
    expect(await sendSeen(body, 'pause-events-event')).toMatchObject({ status: 409 });
    expect(await recorded()).toEqual([
      ['set brake', 'events_paused_eaa', 'event art'],
      ['set brake', 'events_paused', 'all of them'],
      ['release brake', 'events_paused_eaa', 'done'],
    ]);
  });

  test('a window is set and shown', async () => {
    await send('window', { until: '23:59+12:00', what: 'all', entity_type: 'event', note: 'rests' });
    const { body } = await visitor.get('/schedule');
    expect(body).toMatch(/no audits and events of the Event Art Archive, from/);
    expect(body).toContain('id="brake-window_events_eaa"');
    expect(body).not.toContain('id="brake-window_events"');
  });

  test('each is a call of the API', async () => {
    const call = async (path: string, body: object) => {
      const { status, body: answer } = await visitor.call(`/api/schedule/${path}`, body);
      return [status, JSON.parse(answer)] as const;
    };
    const event = { entity_type: 'event' };
    expect(await call('pause-repairs', event)).toMatchObject([200, { brake: { name: 'repairs_paused_eaa' } }]);
    expect(await call('resume-repairs', {})).toEqual([200, { ended: null }]);
    expect(await call('resume-repairs', event)).toMatchObject([200, { ended: { name: 'repairs_paused_eaa' } }]);
    expect(await call('window', { ...event, until: '23:59+12:00', note: 'rests' })).toMatchObject([
      200,
      { window: { what: 'all', entity_type: 'event', is_on: true } },
    ]);
    expect(await call('pace', { ...event, number: 5, unit: 'hour' })).toMatchObject([200, { per_hour: 5 }]);
    expect(await call('pace', { ...event, unit: 'default' })).toMatchObject([200, { per_hour: 600 }]);
    expect(await call('pause-events', { entity_type: 'artist' })).toMatchObject([400, {}]);
  });

  test('a pace is set, shown and taken away; not over what was set meanwhile', async () => {
    const { body: before } = await visitor.get('/schedule');
    expect(await sendSeen(before, 'pace-event', { number: '30', unit: 'hour' })).toMatchObject({ status: 303 });
    expect(await sendSeen(before, 'pace-event', { number: '40', unit: 'hour' })).toMatchObject({ status: 409 });
    const { body } = await visitor.get('/schedule');
    expect(body).toMatch(/of the Event Art Archive: 30 audits an hour/);
    expect(await sendSeen(body, 'pace-event', { unit: 'default' })).toMatchObject({ status: 303 });
    expect((await visitor.get('/schedule')).body).toMatch(/The pace of the Event Art Archive is\s*<strong>that of all/);
  });
});

test('a cool-down can be released from its card; one that is over is refused', async () => {
  await coolDown(database.db, 'archive', { defaultSeconds: 600, reason: 'HTTP 429' });
  const { body } = await visitor.get('/schedule');
  expect(await sendSeen(body, 'release-cool_down_archive', { note: 'they said so' })).toMatchObject({ status: 303 });
  expect((await visitor.get('/schedule')).body).not.toContain('id="brake-cool_down_archive"');
  expect(await sendSeen(body, 'release-cool_down_archive')).toMatchObject({ status: 409 });
  expect(await recorded()).toEqual([['release brake', 'cool_down_archive', 'they said so']]);
});
