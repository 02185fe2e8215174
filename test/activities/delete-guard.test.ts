import { randomInt, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { guardDelete } from '../../src/activities/delete-guard.ts';
import { NotYetError } from '../../src/activities/failures.ts';
import type { Clients } from '../../src/clients/clients.ts';
import { projects } from '../../src/domain/entity.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { atTheSimulator } from '../clients/at-the-simulator.ts';
import { insertEvent } from '../database/queue/queue.ts';

const at = atTheSimulator();
const suffix = 'jpg';
const fileName = (gid: string, id: number) => `mbid-${gid}-${id}.${suffix}`;

/** An image on the item of `here`, which an audit wants to delete, as MusicBrainz lists it for `owner`. */
async function stage(ownersImage: string | null) {
  const [here, owner, id] = [randomUUID(), randomUUID(), randomInt(10_000_000_000, 99_999_999_999)];
  await addRelease(at.db, { gid: owner, images: [{ id, suffix }] });
  const metadata = { collection: 'coverartarchive', mediatype: 'image', noindex: 'true' };
  const seed = (gid: string, image: string | null) =>
    at.simulator.archive.seedItem({
      identifier: `mbid-${gid}`,
      metadata,
      files: image === null ? [] : [{ name: fileName(gid, id), content: Buffer.from(image) }],
      lastUpdated: new Date(Date.now() - 86_400_000),
    });
  seed(here, 'the image');
  seed(owner, ownersImage);
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
