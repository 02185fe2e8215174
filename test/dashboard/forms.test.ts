import { beforeAll, describe, expect, test } from 'vitest';
import { pauseWork, setBrake } from '../../src/database/brakes/stored-brakes.ts';
import { setPace } from '../../src/database/pace/rate.ts';
import { insertEvent } from '../database/queue/queue.ts';
import { dashboardParts, type Visited, type Visitor, visitorOf } from '../support/dashboard.ts';
import { createTestDatabase } from '../support/database.ts';
import { dark, openReview, reviewNow } from './open-review.ts';

const database = await createTestDatabase();
let visitor: Visitor;
let paths: Readonly<Record<'bulk' | 'entity' | 'event' | 'review', string>>;
let reviewId: number;

beforeAll(async () => {
  const { db } = database;
  visitor = visitorOf(dashboardParts({ db, settings: { DASHBOARD_BULK_FIRST_SECONDS: '600' } }));
  await setBrake(db, { name: 'breaker', reason: 'the same everywhere' });
  await pauseWork(db, { what: 'events' }, { actor: 'ada', note: null });
  const event = await insertEvent(db, { state: 'failed', attempts: 5 });
  const opened = await openReview(db, [dark]);
  ({ reviewId } = opened);
  await visitor.get('/reviews');
  const dryRun = await visitor.post('/reviews/bulk', { what: 'resolve_reviews', scope: 'matching' });
  paths = {
    bulk: dryRun.location!,
    entity: `/entities/${opened.entityType}/${opened.gid}`,
    event: `/events/${event}`,
    review: `/reviews/${reviewId}`,
  };
});

/** A form as a browser without script would send it. */
interface Form {
  readonly id: string;
  readonly action: string;
  readonly isPost: boolean;
  /** What it has along unseen. */
  readonly hidden: Readonly<Record<string, string>>;
  /** What a person writes or chooses in it: all but boxes, which have one value. */
  readonly fields: readonly string[];
  /** The buttons that it is sent by, where they differ: which fields are read depends on that. */
  readonly buttons: readonly Readonly<Record<string, string>>[];
  readonly html: string;
}

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&amp;', '&').replaceAll('&quot;', '"');

function formsOf({ body }: Visited): readonly Form[] {
  return [...body.matchAll(/<form([^>]*)>(.*?)<\/form>/gs)].flatMap(([, head = '', html = '']) => {
    if (attribute(head, 'method') === 'dialog') return [];
    const tags = [...html.matchAll(/<(?:input|select|textarea|button)[^>]*>/g)].map(([tag]) => tag);
    const isHidden = (tag: string): boolean => attribute(tag, 'type') === 'hidden';
    const named = tags.filter((tag) => tag.startsWith('<button') && attribute(tag, 'name') !== undefined);
    const own = tags.filter(
      (tag) => !tag.startsWith('<button') && !isHidden(tag) && attribute(tag, 'type') !== 'checkbox',
    );
    return [
      {
        id: attribute(head, 'id') ?? 'find',
        action: attribute(head, 'action')!,
        isPost: attribute(head, 'method') === 'post',
        hidden: Object.fromEntries(
          tags.filter(isHidden).map((tag) => [attribute(tag, 'name')!, attribute(tag, 'value') ?? '']),
        ),
        fields: [...new Set(own.map((tag) => attribute(tag, 'name')!))],
        buttons: named.map((button) => ({ [attribute(button, 'name')!]: attribute(button, 'value')! })),
        html,
      },
    ];
  });
}

function formIn(page: Visited, id: string): Form {
  const found = formsOf(page).find((form) => form.id === id);
  if (found === undefined) throw new Error(`the page has no form ${id}`);
  return found;
}

function send(
  { action, isPost, hidden, buttons: [first] }: Form,
  values: Readonly<Record<string, string>>,
): Promise<Visited> {
  if (isPost) return visitor.post(action, { ...hidden, ...first, ...values });
  const [path] = action.split('#');
  return visitor.get(`${path}?${new URLSearchParams({ ...hidden, ...values }).toString()}`);
}

const titleOf = ({ body }: Visited): string => /<h1>(.*?)<\/h1>/s.exec(body)![1]!;

/** The tag of a field, with what is said of it and tied to it. */
function saidOf(page: Visited, form: string, name: string): { readonly tag: string; readonly message: string } {
  const { html } = formIn(page, form);
  const tag = [...html.matchAll(/<(?:input|select|textarea)[^>]*>/g)].find(
    ([each]) => attribute(each, 'name') === name,
  );
  const described = attribute(tag?.[0] ?? '', 'aria-describedby') ?? 'nothing';
  return { tag: tag?.[0] ?? '', message: new RegExp(`id="${described}">([^<]*)<`).exec(html)?.[1] ?? '' };
}

/** No field takes it: it is longer than any text, and no word, number or moment. */
const wrong = 'x'.repeat(3000);

describe('a wrong value in any field of any form is answered with the same page, the rest kept', () => {
  test.each([
    ['the overview', () => '/'],
    ['entities', () => '/entities'],
    ['one entity', () => paths.entity],
    ['events', () => '/events'],
    ['completed events', () => '/events?state=completed'],
    ['one event', () => paths.event],
    ['reviews', () => '/reviews'],
    ['one review', () => paths.review],
    ['the schedule', () => '/schedule'],
    ['the record', () => '/record'],
    ['a dry run', () => paths.bulk],
  ])('%s', async (_name, path) => {
    const page = await visitor.get(path());
    expect(page.status).toBe(200);
    const forms = formsOf(page);
    expect(forms.length).toBeGreaterThan(0);
    for (const form of forms) {
      for (const field of form.fields) {
        const kept = form.fields.filter((other) => other !== field && other === 'note');
        const given = {
          ...(form.fields.includes('scope') && { scope: 'matching' }),
          ...Object.fromEntries(kept.map((name) => [name, 'kept'])),
          [field]: wrong,
        };
        // By the last button, where there are several: it is the one with fields of its own.
        const answer = await send(form, { ...form.buttons.at(-1), ...given });
        const where = `${form.id} ${field}`;
        expect([where, answer.status]).toEqual([where, 400]);
        if (form.id !== 'find') expect([where, titleOf(answer)]).toEqual([where, titleOf(page)]);
        const { tag, message } = saidOf(answer, form.id, field);
        expect([where, tag]).toEqual([where, expect.stringMatching(/aria-invalid="true".* autofocus/)]);
        expect([where, message]).toEqual([where, expect.stringMatching(/^Takes /)]);
        expect(answer.body).toContain(`<a href="#${attribute(tag, 'id')!}">`);
        expect(answer.body).not.toContain('data-live');
        expect(answer.body.split('autofocus')).toHaveLength(2);
        for (const name of kept) expect(saidOf(answer, form.id, name).tag).toContain('value="kept"');
      }
    }
  });
});

test('each wrong value of a filter is named, the others stand in the form, and no rows are shown for it', async () => {
  const answer = await visitor.get('/events?older=yesterday&mbid=nobody&reason=SlowDown&after=nowhere');
  expect(answer.status).toBe(400);
  expect(saidOf(answer, 'filters', 'older').tag).toContain('value="yesterday"');
  expect(saidOf(answer, 'filters', 'mbid').message).toContain('Takes an MBID');
  expect(saidOf(answer, 'filters', 'reason').tag).toContain('value="SlowDown"');
  expect(answer.body).toContain('after takes what the link to a next page has');
  expect(answer.body).toContain('Nothing is listed');
  expect(answer.body).not.toContain('data-row');
  expect(answer.body).not.toContain('/events/bulk');
});

test('a place in a list that can’t be read is named above its first page', async () => {
  const answer = await visitor.get('/events?after=nowhere');
  expect([answer.status, answer.body.includes('after takes'), answer.body.includes('data-row')]).toEqual([
    400,
    true,
    true,
  ]);
});

test('a file and a program are told no page', async () => {
  expect((await visitor.get('/events.csv?older=yesterday')).body).not.toContain('id="filters"');
  expect(JSON.parse((await visitor.get('/api/events?older=yesterday')).body)).toMatchObject({ error: { status: 400 } });
});

test.each([
  ['a pace without a number', '/schedule', 'pace', 'number', { unit: 'day', note: 'calm' }],
  ['a review without a note', 'review', 'close', 'note', { note: ' ' }],
  ['many reviews without a note', 'bulk', 'confirm', 'note', { note: '' }],
  ['many events without a selection', '/events', 'bulk', 'scope', { scope: 'selected' }],
  ['many reviews without a selection', '/reviews', 'bulk', 'scope', { scope: 'selected' }],
])('%s: the page says which is missing, and keeps the rest', async (_what, at, id, field, values) => {
  const page = await visitor.get(at in paths ? paths[at as keyof typeof paths] : at);
  const answer = await send(formIn(page, id), values);
  expect([answer.status, titleOf(answer)]).toEqual([400, titleOf(page)]);
  expect(saidOf(answer, id, field).message).not.toBe('');
  if (id === 'pace') {
    expect(formIn(answer, id).html).toMatch(/<option value="day" selected/);
    expect(saidOf(answer, id, 'note').tag).toContain('value="calm"');
  }
});

test('what has changed meanwhile is shown as it is now, with the note that was written', async () => {
  const page = await visitor.get('/schedule');
  await setPace(database.db, { perHour: 7 }, { actor: 'bob' });
  const answer = await send(formIn(page, 'pace'), { number: '9', note: 'faster' });
  expect([answer.status, titleOf(answer)]).toEqual([409, 'Schedule']);
  expect(answer.body).toContain('role="alert" tabindex="-1" autofocus');
  expect(saidOf(answer, 'pace', 'number').tag).toContain('value="9"');
  expect(saidOf(answer, 'pace', 'note').tag).toContain('value="faster"');
  // Of what is shown now, so that sending it again changes that.
  expect((await send(formIn(answer, 'pace'), { number: '9', note: 'faster' })).status).toBe(303);
});

test('what needs Temporal while that is away keeps its form', async () => {
  const answer = await send(formIn(await visitor.get(paths.entity), 'audit-now'), { note: 'is it well?' });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
  expect(saidOf(answer, 'audit-now', 'note').tag).toContain('value="is it well?"');
});

test('a page of elsewhere is never asked for, and what was refused is nobody else’s', async () => {
  const form = formIn(await visitor.get('/schedule'), 'pace');
  for (const page of ['https://example.org/', '//example.org/', 'http://[']) {
    const answer = await send({ ...form, hidden: { ...form.hidden, form_page: page } }, { number: 'many' });
    expect([answer.status, titleOf(answer)]).toEqual([400, 'That can’t be read']);
  }
  expect((await send({ ...form, hidden: { ...form.hidden, form_token: 'x' } }, { number: 'many' })).status).toBe(403);
  expect((await visitor.get('/schedule')).body).not.toContain('id="refused"');
  expect((await reviewNow(database.db, reviewId)).status).toBe('open');
});
