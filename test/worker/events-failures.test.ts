import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { deleteEntity, mergeEntity } from '../../src/simulator/musicbrainz/changes.ts';
import { rowOf } from '../database/queue/queue.ts';
import { eventsInRows } from './events-in-rows.ts';

const events = eventsInRows();
const index = (gid: string, dependsOn: number[] = []) => ({ action: 'index', message: { gid }, dependsOn });
const newRelease = async (): Promise<string> => (await addRelease(events.deployment.db)).gid;

describe('a transient fault', () => {
  test.each([
    'writeError',
    'connectionReset',
    'wsError',
    'wsUnavailable',
    'appliedThoughFailed',
    'cut',
    'htmlPage',
  ] as const)('as %s costs no attempt: the request is made again', async (fault) => {
    const gid = await newRelease();
    events.deployment.simulator.faults[fault] = { next: 1, items: [gid, `mbid-${gid}`] };
    const id = await events.queue(index(gid));
    expect(await events.until(id, 'completed')).toMatchObject({ attempts: 1 });
    expect(await events.reasons(id)).toEqual([]);
    expect(events.requests(gid)).toHaveLength(4);
  });

  test('that lasts for all tries of an attempt is written to the row, with what the archive said', async () => {
    const gid = await newRelease();
    // The first try and two more, as configured.
    events.deployment.simulator.faults.writeError = { next: 3, items: [`mbid-${gid}`] };
    const id = await events.queue(index(gid));
    const attempt = await events.untilAttempt(id, 'queued');
    expect(attempt.attempt).toBe(1);
    expect([500, 503]).toContain(attempt.status);
    expect(attempt.request_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(attempt.body_excerpt).toMatch(/<Code>(InternalError|ServiceUnavailable)<\/Code>/);
    expect(attempt.reason).toMatch(/^HTTP 50[03] (InternalError|ServiceUnavailable): /);
    expect(attempt.reason).toContain(` (PUT mbid-${gid}/index.json, RequestId ${attempt.request_id})`);
    expect(await events.until(id, 'completed')).toMatchObject({ attempts: 2 });
    expect(await events.reasons(id)).toEqual([attempt.reason]);
  });
});

describe('an event that fails', () => {
  test('five times is failed, and all that depends on it, each with the reason that names it', async () => {
    const gid = await newRelease();
    events.deployment.simulator.faults.accessDenied = [`mbid-${gid}`];
    const first = await events.queue(index(gid));
    const [other, another] = [await newRelease(), await newRelease()];
    const dependent = await events.queue(index(other, [first]));
    const further = await events.queue(index(another, [dependent]));
    expect(await events.until(first, 'failed')).toMatchObject({ attempts: 5 });
    const reasons = await events.reasons(first);
    expect(reasons).toHaveLength(5);
    for (const reason of reasons) expect(reason).toMatch(/^HTTP 403 AccessDenied: .*RequestId [0-9a-f-]{36}\)$/);
    // Refused is refused: no attempt asks twice.
    expect(events.requests(gid)).toHaveLength(5);
    for (const id of [dependent, further]) {
      expect(await events.until(id, 'failed')).toMatchObject({ attempts: 0 });
      const [reason, ...more] = await events.reasons(id);
      expect(more).toEqual([]);
      expect(reason).toContain(String(first));
    }
    expect(events.requests(other, another)).toEqual([]);
    expect((await events.attempts(first)).map(({ outcome }) => outcome)).toEqual([
      ...Array.from({ length: 4 }, () => 'queued'),
      'failed',
    ]);
  });

  test('by its own word, as noop does, is tried five times', async () => {
    const id = await events.queue({ action: 'noop', message: { fail: true, sleep: 0 } });
    expect(await events.until(id, 'failed')).toMatchObject({ attempts: 5 });
    expect(new Set(await events.reasons(id))).toEqual(new Set(['noop was ordered to fail']));
  });
});

describe('bad input fails at once, with the reason, and nothing is sent', () => {
  const [gid, other] = [randomUUID(), randomUUID()];
  const image = { artwork_id: 17, gid, suffix: 'jpg' };

  test.each([
    ['index', {}, 'message field gid is missing: expected an MBID'],
    ['index', { gid: 'no mbid' }, 'message field gid is "no mbid": expected an MBID'],
    ['index', { gid: 17 }, 'message field gid is 17: expected an MBID'],
    ['index', { gid: `${gid}/../x` }, /message field gid is .*: expected an MBID/],
    ['index', [gid], /expected an object/],
    ['index', null, /expected an object/],
    ['deindex', { mbid: gid }, 'message field gid is missing: expected an MBID'],
    ['delete_image', { ...image, suffix: 'exe' }, 'message field suffix is "exe": expected jpg, png, gif or pdf'],
    [
      'delete_image',
      { ...image, artwork_id: 'front' },
      'message field artwork_id is "front": expected a positive whole number',
    ],
    ['delete_image', { ...image, artwork_id: 1.5 }, /artwork_id is 1.5: expected a positive whole number/],
    ['copy_image', { ...image, new_gid: other }, 'message field old_gid is missing: expected an MBID'],
    ['copy_image', { ...image, old_gid: gid, new_gid: null }, 'message field new_gid is null: expected an MBID'],
    ['noop', { sleep: 'long' }, /sleep is "long": expected seconds/],
  ])('%s %j', async (action, message, reason) => {
    const before = events.deployment.simulator.requestLog().length;
    const id = await events.queue({ action, message });
    const dependent = await events.queue({ action: 'noop', message: { sleep: Math.random() }, dependsOn: [id] });
    expect(await events.until(id, 'failed')).toMatchObject({ attempts: 1 });
    expect(await events.reasons(id)).toEqual([expect.stringMatching(reason)]);
    expect(await rowOf(events.deployment.db, dependent)).toMatchObject({ state: 'failed', attempts: 0 });
    expect(events.deployment.simulator.requestLog()).toHaveLength(before);
  });

  test('index of what is merged, deleted or unknown', async () => {
    const { db } = events.deployment;
    const [merged, into, deleted] = [await addRelease(db), await addRelease(db), await addRelease(db)];
    const event = await addEvent(db);
    await mergeEntity(db, merged, into);
    await deleteEntity(db, deleted);
    const unknown = randomUUID();
    for (const [mbid, reason] of [
      [merged.gid, `release ${merged.gid} is merged into ${into.gid} in MusicBrainz`],
      [deleted.gid, `release ${deleted.gid} is deleted in MusicBrainz`],
      [unknown, `release ${unknown} is unknown in MusicBrainz`],
      // An event's MBID is no release's.
      [event.gid, `release ${event.gid} is unknown in MusicBrainz`],
    ] as const) {
      const id = await events.queue(index(mbid));
      expect(await events.until(id, 'failed')).toMatchObject({ attempts: 1 });
      expect(await events.reasons(id)).toEqual([`${reason}: nothing to index, and nothing was sent`]);
      expect(events.requests(mbid)).toEqual([]);
    }
  });

  test('and makes room: as many as may be in progress at once hold up none that was queued after them', async () => {
    const { concurrency } = readConfig({ file: '/dev/null', env: events.deployment.environment }).events;
    const bad: number[] = [];
    while (bad.length < concurrency) bad.push(await events.queue(index(`bad ${bad.length}`)));
    const good = await events.queue(index(await newRelease()));
    await events.until(good, 'completed');
    for (const id of bad) await events.until(id, 'failed');
  });
});

describe('a web service’s answer that is not XML about this entity is never uploaded', () => {
  test.each(['wsError', 'cut', 'htmlPage'] as const)('as %s', async (fault) => {
    const gid = await newRelease();
    events.deployment.simulator.faults[fault] = { items: [gid] };
    const id = await events.queue(index(gid));
    expect((await events.untilAttempt(id, 'queued')).reason).toContain(`/ws/2/release/${gid}?inc=artists`);
    expect(events.requests(`mb_metadata.xml`).filter((request) => request.includes(gid))).toEqual([]);
    events.deployment.simulator.faults[fault] = 0;
    await events.until(id, 'completed');
  });
});
