import { randomInt, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type DeleteOrder, guardDelete } from '../../src/activities/delete-guard.ts';
import { NotYetError } from '../../src/activities/failures.ts';
import type { Clients } from '../../src/clients/clients.ts';
import { RefusedError } from '../../src/clients/errors.ts';
import type { PresentItem } from '../../src/domain/documents/observed-item.ts';
import { projects } from '../../src/domain/entity.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { atTheSimulator } from '../clients/at-the-simulator.ts';
import { copy, deletion, insertEvent } from '../database/queue/queue.ts';

const at = atTheSimulator();
const suffix = 'jpg';
const fileName = (gid: string, id: number) => `mbid-${gid}-${id}.${suffix}`;

/** How the items are: nothing of the owner's changed for a day, and each can be seen. */
interface Items {
  /** When the owner's was changed; null where there is none. */
  readonly minutesAgo?: number | null;
  readonly dark?: boolean;
  /** What the other one holds. */
  readonly here?: null;
  readonly hereDark?: boolean;
  /** What MusicBrainz has for the owner's file. */
  readonly ownersSuffix?: 'jpg' | 'png';
}

const metadata = { collection: 'coverartarchive', mediatype: 'image', noindex: 'true' };

/** Puts an item there whose files have these texts, in the place of one of before. */
function seed(gid: string, files: Readonly<Record<string, string>>, { minutesAgo = 24 * 60, dark = false } = {}): void {
  at.simulator.archive.seedItem({
    identifier: `mbid-${gid}`,
    metadata,
    files: Object.entries(files).map(([name, text]) => ({ name, content: Buffer.from(text) })),
    lastUpdated: new Date(Date.now() - minutesAgo * 60_000),
    dark,
  });
}

/** An image on the item of `here`, which an audit wants to delete, as MusicBrainz lists it for `owner`. */
async function stage(
  ownersImage: string | null,
  { minutesAgo = 24 * 60, dark = false, here: held, hereDark = false, ownersSuffix = suffix }: Items = {},
) {
  const [here, owner, id] = [randomUUID(), randomUUID(), randomInt(10_000_000_000, 99_999_999_999)];
  await addRelease(at.db, { gid: owner, images: [{ id, suffix: ownersSuffix }] });
  seed(here, held === null ? {} : { [fileName(here, id)]: 'the image' }, { dark: hereDark });
  const owners = ownersImage === null ? {} : { [fileName(owner, id)]: ownersImage };
  if (minutesAgo !== null) seed(owner, owners, { minutesAgo, dark });
  const message = { artwork_id: id, gid: here, suffix };
  const eventId = await insertEvent(at.db, { action: 'delete_image', message });
  return { owner, id, order: { eventId, entityType: 'release', message, origin: 'audit' } as const };
}

/** The archive applies what it has to as soon as the owner's item has been looked at. */
function settlingAfterLookAt(owner: string): Clients {
  const clients = at.clients();
  return {
    ...clients,
    reader: {
      ...clients.reader,
      async observe(gid) {
        const item = await clients.reader.observe(gid);
        if (gid === owner) at.simulator.archive.settle();
        return item;
      },
    },
  };
}

test('a copy that was seen, and goes while its item’s tasks are asked for, is none', async () => {
  const { owner, id, order } = await stage('the image');
  await at.clients().writer.deleteFile(projects.release, owner, fileName(owner, id));
  at.simulator.archive.permitRemoval(id);
  const guarded = guardDelete({ db: at.db, clients: settlingAfterLookAt(owner), settleMinutes: 60 }, order);
  await expect(guarded).rejects.toThrow(NotYetError);
});

test('a copy that was not seen, and comes while its item’s tasks are asked for, is waited for', async () => {
  const { owner, id, order } = await stage(null);
  await at.clients().writer.copyImage(projects.release, {
    artwork_id: id,
    old_gid: order.message.gid,
    new_gid: owner,
    suffix,
  });
  const guarded = guardDelete({ db: at.db, clients: settlingAfterLookAt(owner), settleMinutes: 60 }, order);
  await expect(guarded).rejects.toThrow(NotYetError);
});

/** What comes of a deletion: sent or not, or why not now or never, with the seconds until it is tried again. */
async function outcomeOf(order: DeleteOrder, clients = at.clients(), settleMinutes = 60): Promise<unknown> {
  try {
    return await guardDelete({ db: at.db, clients, settleMinutes }, order);
  } catch (error) {
    if (error instanceof NotYetError) return [error.waitSeconds, error.message];
    return error;
  }
}
const waits = (seconds: number, why: string) => [seconds, expect.stringContaining(why) as string];

describe('a deletion that has to wait is tried again', () => {
  test('after the time that items take to settle, where an audit ordered it', async () => {
    const { order } = await stage(null, { minutesAgo: 1 });
    expect(await outcomeOf(order)).toEqual(waits(3600, 'has not settled'));
    expect(await outcomeOf(order, at.clients(), 30)).toEqual(waits(1800, 'has not settled'));
  });

  test.each([
    ['trigger', 0, 120],
    ['requeued', 1, 240],
    ['trigger', 2, 480],
    ['trigger', 5, 3600],
    ['trigger', 2000, 3600],
  ] as const)('by a %s that was snoozed %i times after %i s', async (origin, times, seconds) => {
    const { order } = await stage(null, { minutesAgo: 1 });
    await at.db.query(
      `insert into artwork_reconciler.event_attempt (event, attempt, run_id, outcome, started_at)
       select $1, 1, 'run ' || n, 'given_back', now() from generate_series(1, $2::int) n`,
      [order.eventId, times],
    );
    expect(await outcomeOf({ ...order, origin })).toEqual(waits(seconds, 'has not settled'));
  });

  test('soon, where a copy of its file was queued before', async () => {
    const { order, owner, id } = await stage('the image');
    const copyId = await insertEvent(at.db, { ...copy(id, order.message.gid, owner), age: 1 });
    expect(await outcomeOf(order)).toEqual(waits(10, `event ${copyId} is to copy this image first`));
  });

  test('at the cost of an attempt, where a copy of its file was queued later', async () => {
    const { order, owner, id } = await stage('the image');
    const copyId = await insertEvent(at.db, copy(id, order.message.gid, owner));
    await at.db.query(`update artwork_indexer.event_queue set created = now() - interval '1 hour' where id = $1`, [
      order.eventId,
    ]);
    expect(await outcomeOf(order)).toEqual(new RefusedError(`event ${copyId} is to copy this image first`));
  });

  test('when the owner’s own deletion is over, where an audit ordered it', async () => {
    const { order, owner, id } = await stage('the image');
    const other = await insertEvent(at.db, deletion(id, owner));
    expect(await outcomeOf(order)).toEqual(
      waits(3600, `event ${other} deletes it from the item of its owner ${owner}`),
    );
    expect(await outcomeOf({ ...order, origin: 'trigger' })).toBe('send');
  });

  test('at once, where what it rests on changed while the owner’s item was read', async () => {
    const { order, owner, id } = await stage('the image');
    const clients = at.clients();
    const observe: Clients['reader']['observe'] = async (gid) => {
      const item = await clients.reader.observe(gid);
      if (gid === owner) await insertEvent(at.db, deletion(id, owner));
      return item;
    };
    const changing = { ...clients, reader: { ...clients.reader, observe } };
    expect(await outcomeOf(order, changing)).toEqual(waits(1, 'changed while the owner’s item was read'));
  });
});

/** Clients to whom an item looks different than it is. */
function seeing(gid: string, as: (item: PresentItem) => PresentItem): Clients {
  const clients = at.clients();
  const observe: Clients['reader']['observe'] = async (asked) => {
    const item = await clients.reader.observe(asked);
    return asked === gid && item.kind === 'present' ? as(item) : item;
  };
  return { ...clients, reader: { ...clients.reader, observe } };
}

const never = (why: string) =>
  expect.objectContaining({ name: 'ImpossibleError', message: expect.stringContaining(why) as string }) as unknown;

describe('the owner’s item holds', () => {
  test.each([
    ['png', 'send'],
    ['jpg', never('(lacking)')],
  ])('the image as %s, where MusicBrainz has png', async (ending, expected) => {
    const { order, owner, id } = await stage(null, { minutesAgo: null, ownersSuffix: 'png' });
    seed(owner, { [`mbid-${owner}-${id}.${ending}`]: 'the image' });
    expect(await outcomeOf(order)).toEqual(expected);
  });

  test('another image under its name', async () => {
    const { order } = await stage('another image');
    expect(await outcomeOf(order)).toEqual(never('(other_content)'));
  });

  test('a file of its name, of which nothing tells that it is the image', async () => {
    const { order, owner } = await stage('the image');
    const untold = seeing(owner, (item) => ({
      ...item,
      files: item.files.map((file) => ({ ...file, md5: null, sha1: null })),
    }));
    expect(await outcomeOf(order, untold)).toEqual(never('(unknown_content)'));
    expect(await outcomeOf(order)).toBe('send');
  });
});

describe('the owner’s item, which lacks the image,', () => {
  test.each([
    ['was changed not quite an hour ago, and may get it', { minutesAgo: 59 }, waits(3600, 'has not settled')],
    ['has settled', { minutesAgo: 61 }, never('(lacking)')],
    ['is dark', { dark: true }, never('(dark)')],
  ])('%s', async (_what, item, expected) => {
    const { order } = await stage(null, item);
    expect(await outcomeOf(order)).toEqual(expected);
  });

  test('may have been changed just now, where it doesn’t say when', async () => {
    const { order, owner } = await stage(null);
    const untold = seeing(owner, (item) => ({ ...item, lastUpdated: null }));
    expect(await outcomeOf(order, untold)).toEqual(waits(3600, 'has not settled'));
  });

  test('is not there', async () => {
    const { order } = await stage(null, { minutesAgo: null });
    expect(await outcomeOf(order)).toEqual(never('(missing)'));
  });

  test.each([
    ['not quite an hour ago', 59, waits(3600, 'has not settled')],
    ['more than an hour ago', 61, never('(lacking)')],
  ])('was sent a copy %s', async (_when, minutes, expected) => {
    const { order, owner, id } = await stage(null);
    await insertEvent(at.db, { ...copy(id, order.message.gid, owner), state: 'completed', age: minutes });
    expect(await outcomeOf(order)).toEqual(expected);
  });
});

describe('the item lacks the image, which another entity owns:', () => {
  test.each([
    ['there is nothing to lose', { here: null }, 'send'],
    ['nothing is known of it where it is dark', { here: null, hereDark: true }, waits(3600, 'has not settled')],
  ])('%s', async (_what, item, expected) => {
    const { order } = await stage(null, { minutesAgo: 1, ...item });
    expect(await outcomeOf(order)).toEqual(expected);
  });

  test('it may show it still, where a copy to it has just been made', async () => {
    const { order, owner, id } = await stage(null, { minutesAgo: 1, here: null });
    await insertEvent(at.db, { ...copy(id, owner, order.message.gid), state: 'completed', age: 1 });
    expect(await outcomeOf(order)).toEqual(waits(3600, 'has not settled'));
  });
});
