import { expect, test, vi } from 'vitest';
import { asksAboutFailedRepairs, type Failure, isExcused } from '../../chaos/failures.ts';
import { type Aimed, patiently } from '../../chaos/troubles.ts';
import { itemName, originalFileName } from '../../src/domain/documents/file-names.ts';
import { noFaults } from '../../src/simulator/archive/faults.ts';
import { newArchive } from '../simulator/drift/new-archive.ts';

const here = '11111111-1111-4111-8111-111111111111';
const nowhere = '22222222-2222-4222-8222-222222222222';
const refused = '33333333-3333-4333-8333-333333333333';
const slowed = '44444444-4444-4444-8444-444444444444';
const stuck = '55555555-5555-4555-8555-555555555555';

const aimed: Aimed = {
  faults: noFaults(),
  refused: itemName(refused),
  stuck: itemName(stuck),
  slowed: itemName(slowed),
};

const archive = newArchive();
const metadata = { collection: 'coverartarchive', mediatype: 'image' };
const original = (gid: string, artworkId: number) => ({
  name: originalFileName(gid, artworkId, 'jpg'),
  content: Buffer.from('an image'),
});
archive.seedItem({ identifier: itemName(here), metadata, files: [original(here, 1)] });
archive.seedItem({ identifier: itemName(stuck), metadata, files: [original(stuck, 2)] });

const copy = (from: string, artworkId: number) => ({
  old_gid: from,
  new_gid: here,
  artwork_id: artworkId,
  suffix: 'jpg',
});
const image = (gid: string) => ({ gid, artwork_id: 1, suffix: 'jpg' });
const url = (gid: string) => `${itemName(gid)}/index.json`;

test.each<
  [verdict: 'blamed' | 'excused', where: string, failure: Omit<Failure, 'before' | 'id' | 'waits'> & Partial<Failure>]
>([
  [
    'excused',
    'a newer event does its work',
    { action: 'index', message: { gid: here }, reason: 'superseded by event 7' },
  ],
  [
    'blamed',
    'a fault passes',
    { action: 'index', message: { gid: here }, reason: `PUT ${url(here)}: HTTP 503: ServiceUnavailable` },
  ],
  ['blamed', 'no reason was written', { action: 'index', message: { gid: here }, reason: 'no reason' }],

  [
    'excused',
    'the item is refused',
    { action: 'index', message: { gid: refused }, reason: `PUT ${url(refused)}: HTTP 403: AccessDenied` },
  ],
  [
    'blamed',
    'another is not',
    { action: 'index', message: { gid: here }, reason: `PUT ${url(here)}: HTTP 403: AccessDenied` },
  ],
  [
    'excused',
    'the item is refused, and the last answer got lost',
    {
      action: 'index',
      message: { gid: refused },
      reason: `PUT ${url(refused)}: no whole answer`,
      before: [`PUT ${url(refused)}: HTTP 403: AccessDenied`],
    },
  ],
  [
    'blamed',
    'all answers got lost',
    {
      action: 'index',
      message: { gid: refused },
      reason: `PUT ${url(refused)}: no whole answer`,
      before: [`PUT ${url(refused)}: no whole answer`],
    },
  ],
  [
    'excused',
    'the item is slowed down',
    { action: 'index', message: { gid: slowed }, reason: `${itemName(slowed)}: the archive slows this item down` },
  ],
  [
    'blamed',
    'another is not',
    { action: 'index', message: { gid: here }, reason: `${itemName(here)}: the archive slows this item down` },
  ],
  [
    'excused',
    'nothing ever arrives in the item',
    { action: 'copy_image', message: copy(stuck, 1), reason: `${url(stuck)}: HTTP 404: NoSuchKey` },
  ],
  [
    'excused',
    'what should come from it arrived there too late, and the answer names the target only',
    { action: 'copy_image', message: copy(stuck, 2), reason: `PUT ${url(here)}: HTTP 404: NoSuchKey` },
  ],

  [
    'excused',
    'the source never had the image',
    { action: 'copy_image', message: copy(here, 2), reason: 'HTTP 404: NoSuchKey' },
  ],
  ['excused', 'there is no source', { action: 'copy_image', message: copy(nowhere, 1), reason: 'HTTP 404: NoSuchKey' }],
  [
    'blamed',
    'the source has the image',
    { action: 'copy_image', message: copy(here, 1), reason: 'HTTP 404: NoSuchKey' },
  ],

  [
    'blamed',
    'there is nothing left to delete',
    { action: 'delete_image', message: image(nowhere), reason: 'HTTP 404: NoSuchBucket' },
  ],
  ['blamed', 'the item can be made', { action: 'index', message: { gid: nowhere }, reason: 'HTTP 404: NoSuchBucket' }],
  [
    'blamed',
    'it was looked at only now and then',
    { action: 'delete_image', message: image(here), reason: 'metadata is empty, but /details/ …', waits: 4 },
  ],
  [
    'excused',
    'it waited, and was looked at again and again',
    { action: 'delete_image', message: image(here), reason: 'metadata is empty, but /details/ …', waits: 5 },
  ],
  [
    'blamed',
    'that is not what was answered',
    { action: 'delete_image', message: image(nowhere), reason: 'HTTP 500: InternalError' },
  ],
])('a failure is %s where %s', (verdict, _where, failure) => {
  expect(isExcused({ id: 1, before: [], waits: 0, ...failure }, aimed, archive)).toBe(verdict === 'excused');
});

test.each([
  [true, 'a repair failed for good: index (event 3): HTTP 503'],
  [true, '2 repairs failed for good: index (event 3): HTTP 503; index (event 4): HTTP 503'],
  [true, '12 repairs failed for good: index (event 3): HTTP 503; …'],
  [false, 'could not be judged: the item does not settle'],
  [false, null],
])('that a person is asked about failed repairs is %s of the review "%s"', (asked, review) => {
  expect(asksAboutFailedRepairs(review)).toBe(asked);
});

test.each([
  ['is tried again', 'the server is read-only', '25006'],
  ['is tried again', 'the server was stopped', '57P01'],
  ['is tried again', 'the server is starting up', '57P03'],
  ['is tried again', 'the connection was lost', '08006'],
  ['has failed', 'it was in the way of another', '40P01'],
  ['has failed', 'it waited too long for a lock', '55P03'],
])("an editor's transaction %s where %s", async (what, _where, code) => {
  const transaction = vi.fn<() => Promise<string>>().mockRejectedValueOnce(Object.assign(new Error(code), { code }));
  transaction.mockResolvedValue('done');
  const answer = await patiently(transaction).catch(() => 'failed');
  expect(answer).toBe(what === 'has failed' ? 'failed' : 'done');
});
