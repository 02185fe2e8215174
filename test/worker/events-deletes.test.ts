import { randomInt, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { EventOrigin } from '../../src/domain/decision/delete-guard.ts';
import type { DeleteImageMessage } from '../../src/domain/queue/indexer-event.ts';
import type { ItemSeed } from '../../src/simulator/archive/seed-item.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { insertEvent } from '../database/queue/queue.ts';
import { eventsInRows } from './events-in-rows.ts';

// Long enough to be seen, short enough to be waited for: what has not settled is looked at again after 2 s.
const events = eventsInRows({ settings: { AUDIT_SETTLE_MINUTES: '0.0334' } });

const suffix = 'jpg';

interface Scene {
  /** Who wrote the deletion. */
  readonly origin: EventOrigin;
  /** Whose image MusicBrainz says it is. */
  readonly listed: 'by another' | 'by nobody' | 'here';
  /** What the other entity's item holds; nothing: there is none. */
  readonly ownersItem?: Partial<ItemSeed> & { readonly image?: string };
  /** The item has no such file. */
  readonly isGone?: true;
  /** A copy to the other entity's item has just completed. */
  readonly copied?: true;
  /** The archive has a task for it that ends when the test says `archive.settle()`. */
  readonly ownerBusy?: true;
}

interface Staged {
  readonly id: number;
  readonly here: string;
  readonly owner: string;
  readonly artworkId: number;
}

/** Makes an item with an image, and queues its deletion. */
async function stage({ origin, listed, ownersItem, isGone, copied, ownerBusy }: Scene): Promise<Staged> {
  const { db, simulator } = events.deployment;
  const [here, owner, artworkId] = [randomUUID(), randomUUID(), randomInt(10_000_000_000, 99_999_999_999)];
  const images = [{ id: artworkId, suffix } as const];
  await addRelease(db, { gid: here, images: listed === 'here' ? images : 0 });
  await addRelease(db, { gid: owner, images: listed === 'by another' ? images : 0 });
  const metadata = { collection: 'coverartarchive', mediatype: 'image', noindex: 'true' };
  const original = (gid: string, text: string) => ({
    name: `mbid-${gid}-${artworkId}.${suffix}`,
    content: Buffer.from(text),
  });
  simulator.archive.seedItem({
    identifier: `mbid-${here}`,
    metadata,
    files: isGone ? [] : [original(here, 'the image')],
  });
  // A trigger's deletion is a person's word, and a requeued one was a trigger's where nobody lists the image.
  if (origin === 'trigger' || (origin === 'requeued' && listed === 'by nobody'))
    simulator.archive.permitRemoval(artworkId);
  if (ownersItem !== undefined) {
    const { image, ...seed } = ownersItem;
    const files = image === undefined ? [] : [original(owner, image)];
    simulator.archive.seedItem({ identifier: `mbid-${owner}`, metadata, files, ...seed });
  }
  if (ownerBusy) {
    Object.assign(simulator.faults, { taskFailure: { next: 1 }, taskErrorSeconds: 3600 });
    await write(owner, 'notes.txt');
  }
  if (copied) {
    const message = { artwork_id: artworkId, old_gid: here, new_gid: owner, suffix };
    await insertEvent(db, { action: 'copy_image', message, state: 'completed', unchanged: -0.2 });
  }
  const message = { artwork_id: artworkId, gid: here, suffix };
  return { id: await queueDeletion(origin, message), here, owner, artworkId };
}

async function queueDeletion(origin: EventOrigin, message: DeleteImageMessage): Promise<number> {
  return events.deployment.db.transaction(async (tx) => {
    const id = await insertEvent(tx, { action: 'delete_image', message });
    if (origin !== 'trigger') {
      await tx.query('insert into artwork_reconciler.event_origin (event, origin) values ($1, $2)', [id, origin]);
    }
    return id;
  });
}

const deletions = ({ here }: Staged): string[] => events.requests(here).filter((each) => each.startsWith('DELETE'));

/** Waits for the event to fail for good at its first attempt, with nothing deleted, and returns the reason. */
async function refusal(staged: Staged): Promise<string> {
  expect(await events.until(staged.id, 'failed')).toMatchObject({ attempts: 1 });
  expect(deletions(staged)).toEqual([]);
  const [reason, ...more] = await events.reasons(staged.id);
  expect(more).toEqual([]);
  return reason!;
}

async function expectDeleted(staged: Staged): Promise<void> {
  expect(await events.until(staged.id, 'completed')).toMatchObject({ attempts: 1 });
  expect(deletions(staged)).toHaveLength(1);
}

describe('a trigger’s deletion', () => {
  test('is MusicBrainz’ word where the image is listed by nobody: it is sent unseen', async () => {
    const staged = await stage({ origin: 'trigger', listed: 'by nobody' });
    await expectDeleted(staged);
    expect(events.requests(staged.here, staged.owner)).toHaveLength(1);
  });

  test('is sent once the item of the entity that lists the image holds it', async () => {
    await expectDeleted(await stage({ origin: 'trigger', listed: 'by another', ownersItem: { image: 'the image' } }));
  });

  test('is done without a request where the image is listed here again, and no key counts as accepted by it', async () => {
    const { db } = events.deployment;
    // So long ago that one event is tried.
    await db.query(
      `insert into artwork_reconciler.brake (name, reason, since)
       values ('keys_refused_caa', 'for this test', now() - interval '1 hour')`,
    );
    const staged = await stage({ origin: 'trigger', listed: 'here' });
    expect(await events.until(staged.id, 'completed')).toMatchObject({ attempts: 1 });
    expect(events.requests(staged.here, staged.owner)).toEqual([]);
    const { rowCount } = await db.query(`delete from artwork_reconciler.brake where name = 'keys_refused_caa'`);
    expect(rowCount).toBe(1);
    await db.query('delete from artwork_reconciler.event_probe');
  });
});

test('what the item doesn’t list can’t be lost: its deletion is sent, whoever owns the image', async () => {
  for (const origin of ['audit', 'trigger'] as const) {
    for (const listed of ['by another', 'by nobody'] as const)
      await expectDeleted(await stage({ origin, listed, isGone: true }));
  }
});

describe('an image is deleted by an audit or a person', () => {
  test.each(['audit', 'requeued'] as const)('once its owner’s item holds the original (%s)', async (origin) => {
    await expectDeleted(await stage({ origin, listed: 'by another', ownersItem: { image: 'the image' } }));
  });

  test('where it is listed by nobody, if it was a trigger’s that a person queued again', async () => {
    await expectDeleted(await stage({ origin: 'requeued', listed: 'by nobody' }));
  });
});

describe('an image is not deleted, for good,', () => {
  test('by an audit, where MusicBrainz lists it here again', async () => {
    const staged = await stage({ origin: 'audit', listed: 'here', ownersItem: { image: 'the image' } });
    expect(await refusal(staged)).toMatch(/^not deleted: MusicBrainz lists the image for this entity/);
  });

  test('by an audit, where MusicBrainz lists it for nobody any more', async () => {
    const staged = await stage({ origin: 'audit', listed: 'by nobody' });
    expect(await refusal(staged)).toMatch(/^not deleted: .* this may be the last copy/);
  });

  test.each([
    ['lacks it', 'audit', {}, 'lacking'],
    ['lacks it', 'requeued', {}, 'lacking'],
    ['lacks it', 'trigger', {}, 'lacking'],
    ['holds an empty file', 'trigger', { image: '' }, 'other_content'],
    ['holds something else under its name', 'audit', { image: 'another image' }, 'other_content'],
    ['does not exist', 'audit', undefined, 'missing'],
    ['is dark', 'audit', { image: 'the image', dark: true }, 'dark'],
  ] as const)('where the owner’s item %s (%s)', async (_what, origin, ownersItem, said) => {
    const staged = await stage({ origin, listed: 'by another', ...(ownersItem && { ownersItem }) });
    expect(await refusal(staged)).toBe(
      `not deleted: the item of its owner ${staged.owner} does not hold the original (${said})`,
    );
  });
});

describe('not seen yet is not absence: a deletion goes back unspent', () => {
  test('while the owner’s item was changed a moment ago', async () => {
    const staged = await stage({
      origin: 'audit',
      listed: 'by another',
      ownersItem: { lastUpdated: new Date(Date.now() + 60_000) },
    });
    const attempt = await events.untilAttempt(staged.id, 'given_back');
    expect(attempt).toMatchObject({ attempt: 1, reason: expect.stringContaining('has not settled') as string });
    expect(await events.reasons(staged.id)).toEqual([]);
    await giveOwner(staged);
    await expectDeleted(staged);
  });

  test('while the owner’s item has tasks outstanding, and also where the copy is seen already', async () => {
    const ownersItem = { image: 'the image' };
    const staged = await stage({ origin: 'audit', listed: 'by another', ownersItem, ownerBusy: true });
    expect((await events.untilAttempt(staged.id, 'given_back')).reason).toContain('has tasks outstanding');
    events.deployment.simulator.archive.settle();
    await expectDeleted(staged);
  });

  test.each(['audit', 'trigger'] as const)('while the owner’s item got its copy a moment ago (%s)', async (origin) => {
    const { id } = await stage({ origin, listed: 'by another', ownersItem: {}, copied: true });
    expect((await events.untilAttempt(id, 'given_back')).reason).toContain('has not settled');
    // It never comes, and that is told once the item has settled.
    await events.until(id, 'failed');
    expect(await events.reasons(id)).toEqual([expect.stringContaining('does not hold the original (lacking)')]);
  });
});

test('an item that can’t be read costs an attempt, and nothing is deleted', async () => {
  const { simulator } = events.deployment;
  const staged = await stage({ origin: 'audit', listed: 'by another', ownersItem: { image: 'the image' } });
  simulator.faults.metadataError = { items: [`mbid-${staged.owner}`] };
  const attempt = await events.untilAttempt(staged.id, 'queued');
  expect(attempt).toMatchObject({ attempt: 1, reason: expect.stringContaining(`mbid-${staged.owner}`) as string });
  expect(deletions(staged)).toEqual([]);
  simulator.faults.metadataError = 0;
  await events.until(staged.id, 'completed');
});

describe('a copy from the file goes first', () => {
  test('where it was queued later: the deletion is refused until it is done', async () => {
    const { db } = events.deployment;
    const staged = await stage({ origin: 'trigger', listed: 'by nobody' });
    await events.until(staged.id, 'completed');
    const message = { artwork_id: staged.artworkId, gid: staged.here, suffix };
    const copy = { artwork_id: staged.artworkId, old_gid: staged.here, new_gid: staged.owner, suffix };
    const [deletion, copied] = await db.transaction(async (tx) => [
      await insertEvent(tx, { action: 'delete_image', message, age: 2 }),
      // It waits for its own next attempt.
      await insertEvent(tx, { action: 'copy_image', message: copy, attempts: 4, age: 1, unchanged: -60 }),
    ]);
    const attempt = await events.untilAttempt(deletion, 'queued');
    expect(attempt.reason).toBe(`event ${copied} is to copy this image first`);
    await db.query('delete from artwork_indexer.event_queue where id = $1', [copied]);
    await events.until(deletion, 'completed');
  });
});

/** Gives the owner's item the image, as somebody's upload. */
async function giveOwner({ owner, artworkId }: Staged): Promise<void> {
  await write(owner, `mbid-${owner}-${artworkId}.${suffix}`);
  events.deployment.simulator.archive.settle();
}

async function write(gid: string, fileName: string): Promise<void> {
  const url = events.deployment.simulator.urls.s3.replace('{bucket}', `mbid-${gid}`).replace('{file}', fileName);
  const headers = { authorization: 'LOW caa:secret-of-caa', 'user-agent': 'somebody (somebody@example.org)' };
  const { status } = await fetch(url, { method: 'PUT', headers, body: 'the image' });
  expect(status).toBe(200);
}
