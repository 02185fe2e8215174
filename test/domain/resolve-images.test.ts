import { describe, expect, it } from 'vitest';
import { defaultPolicies, resolvePolicies } from '../../src/domain/checks/policies.ts';
import { resolveImages } from '../../src/domain/decision/resolve-images.ts';
import {
  type ExtraImage,
  type ImageCopy,
  type ImageOwner,
  unknownContent,
} from '../../src/domain/documents/image-content.ts';
import { anExtra, anImage, contentNamed, gids, liveRelease, md5Of, orphan } from './examples.ts';

const release = liveRelease([anImage(1)], { mergedFrom: [gids.merged, gids.otherMerged] });
const missing = [{ artworkId: 1, suffix: 'jpg' }];

const seenAt = (gid: string, seen: ImageCopy['seen'], changes: Partial<ImageCopy> = {}): ImageCopy => ({
  gid,
  artworkId: 1,
  suffix: 'jpg',
  seen,
  ...(seen === 'held' ? contentNamed('1.jpg') : unknownContent),
  ...changes,
});

describe('a missing image', () => {
  const plan = (...copies: ImageCopy[]) =>
    resolveImages(release, { missing, extra: [], owners: new Map(), copies }, defaultPolicies);

  it('is copied from the item of a merged gid that is seen to hold it', () => {
    const { differences, fetches, notNow } = plan(seenAt(gids.merged, 'lacking'), seenAt(gids.otherMerged, 'held'));
    expect(differences).toMatchObject([{ check: 'files.image', policy: 'copy_image', artworkId: 1 }]);
    expect(fetches).toEqual([{ artworkId: 1, suffix: 'jpg', from: gids.otherMerged }]);
    expect(notNow).toBeNull();
  });

  it('is copied even where another merged item can’t be read', () => {
    expect(plan(seenAt(gids.merged, 'unreadable'), seenAt(gids.otherMerged, 'held'))).toMatchObject({
      notNow: null,
      fetches: [{}],
    });
  });

  it('needs a person where no merged item has it, a dark one among them', () => {
    for (const seen of ['lacking', 'missing', 'dark'] as const) {
      const { differences, fetches, notNow } = plan(seenAt(gids.merged, seen), seenAt(gids.otherMerged, 'lacking'));
      expect(differences).toMatchObject([{ policy: 'review' }]);
      expect([fetches, notNow]).toEqual([[], null]);
    }
  });

  it('cannot be judged of where a merged item was not seen or can’t be read', () => {
    expect(plan(seenAt(gids.merged, 'lacking')).notNow).toContain(gids.otherMerged);
    expect(plan(seenAt(gids.merged, 'unreadable'), seenAt(gids.otherMerged, 'lacking')).notNow).toContain(gids.merged);
  });

  it('needs a person where the merged items hold other contents, or only an empty file, or one of unknown size', () => {
    const whole = seenAt(gids.merged, 'held');
    const reviewed = { notNow: null, fetches: [], differences: [{ policy: 'review' }] };
    expect(plan(whole, seenAt(gids.otherMerged, 'held', { md5: md5Of('other') }))).toMatchObject(reviewed);
    expect(plan(whole, seenAt(gids.otherMerged, 'held', { md5: null }))).toMatchObject(reviewed);
    for (const size of [0, null]) {
      const doubtful = seenAt(gids.otherMerged, 'held', { size });
      expect(plan(seenAt(gids.merged, 'lacking'), doubtful)).toMatchObject(reviewed);
      expect(plan(whole, doubtful).fetches).toEqual([{ artworkId: 1, suffix: 'jpg', from: gids.merged }]);
    }
  });

  it('is copied from the first of those that hold the same', () => {
    const both = plan(seenAt(gids.merged, 'held'), seenAt(gids.otherMerged, 'held'));
    expect(both).toMatchObject({ notNow: null, fetches: [{ from: gids.merged }], differences: [{}] });
  });

  it('is another image where the suffix is another', () => {
    expect(plan(seenAt(gids.merged, 'held', { suffix: 'png' })).notNow).not.toBeNull();
  });

  it('of an entity that nothing was merged into needs a person', () => {
    const alone = resolveImages(
      liveRelease([anImage(1)]),
      { missing, extra: [], owners: new Map(), copies: [] },
      defaultPolicies,
    );
    expect(alone).toMatchObject({ notNow: null, fetches: [], differences: [{ policy: 'review' }] });
  });
});

describe('what is unknown of images just now', () => {
  const unread = (artworkId: number, gid = gids.owner) =>
    `whether the item of ${gid} holds image ${artworkId} could not be read`;
  const owned = (...ids: number[]) =>
    new Map(ids.map((id): [number, ImageOwner] => [id, { gid: gids.owner, suffix: 'jpg', presence: 'present' }]));
  const extra = [1, 2, 3, 4, 5, 6].map((id) => anExtra(id));

  it('is said of five of them at most', () => {
    const evidence = { missing: [], extra, owners: owned(1, 2, 3, 4, 5, 6), copies: [] };
    const { notNow } = resolveImages(orphan(), evidence, defaultPolicies);
    expect(notNow).toBe([1, 2, 3, 4, 5].map((id) => unread(id)).join('; '));
  });

  it('is said once, however many images it holds up', () => {
    const evidence = { missing: [...missing, ...missing], extra: [], owners: new Map(), copies: [] };
    const { notNow } = resolveImages(release, evidence, defaultPolicies);
    expect(notNow).toBe(unread(1, `the merged ${gids.merged}`));
  });

  it('holds up nothing where such an image is only looked at by a person', () => {
    const evidence = { missing, extra: extra.slice(0, 1), owners: owned(1), copies: [] };
    const policies = (only: string) => resolvePolicies({ [only]: 'review' });
    expect(resolveImages(release, evidence, policies('files.image')).notNow).toBe(unread(1));
    expect(resolveImages(release, evidence, policies('files.extra_image')).notNow).toBe(
      unread(1, `the merged ${gids.merged}`),
    );
  });
});

describe('a person reads', () => {
  const owner: ImageOwner = { gid: gids.owner, suffix: 'jpg', presence: 'present' };
  const here = `mbid-${gids.entity}-1.jpg`;
  const there = `only on the item of ${gids.owner}`;
  const untold = ['to be known', 'unknown'] as const;

  it.each<[string, ImageCopy[], readonly [expected: string, found: string]]>([
    [
      'it is on the item of a merged MBID',
      [seenAt(gids.merged, 'held')],
      [`${here}, as on the item of the merged ${gids.merged}`, 'no such file here'],
    ],
    [
      'merged items differ',
      [seenAt(gids.merged, 'held'), seenAt(gids.otherMerged, 'held', { md5: md5Of('other') })],
      [here, `not here; contents differ on the items of ${gids.merged} and ${gids.otherMerged}`],
    ],
    [
      'only an empty file is there',
      [seenAt(gids.merged, 'lacking'), seenAt(gids.otherMerged, 'held', { size: 0 })],
      [here, `not here; an empty file, or one of unknown size, on the item of ${gids.otherMerged}`],
    ],
    [
      'none has it',
      [seenAt(gids.merged, 'lacking'), seenAt(gids.otherMerged, 'missing')],
      [here, 'no such file, nor on the items of 2 merged MBIDs'],
    ],
    ['one can’t be read', [seenAt(gids.merged, 'unreadable')], untold],
  ])('of a missing image: where %s', (_where, copies, [expected, found]) => {
    const evidence = { missing, extra: [], owners: new Map(), copies };
    expect(resolveImages(release, evidence, defaultPolicies).differences).toMatchObject([
      { subject: 'image 1', expected, found },
    ]);
  });

  it('of a missing image: where nothing was merged into the entity', () => {
    const evidence = { missing, extra: [], owners: new Map(), copies: [] };
    expect(resolveImages(liveRelease([anImage(1)]), evidence, defaultPolicies).differences).toMatchObject([
      { expected: here, found: 'no such file' },
    ]);
  });

  it.each<[string, ImageOwner | null, ImageCopy[], readonly [expected: string, found: string], Partial<ExtraImage>?]>([
    ['nobody owns it', null, [], ['an image of this entity', 'an image of no entity in MusicBrainz']],
    ['its suffix is wrong', { ...owner, suffix: 'png' }, [], [there, 'here, and it should be a .png']],
    ['it is empty', owner, [], [there, 'here, and empty'], { size: 0 }],
    [
      'it can’t be recognized',
      owner,
      [],
      [there, 'here, and the archive lists no md5 or no size of it'],
      { md5: null },
    ],
    ['its owner has it', owner, [seenAt(gids.owner, 'held')], [there, 'here as well']],
    ['its owner’s is empty', owner, [seenAt(gids.owner, 'held', { size: 0 })], [there, 'here, and empty there']],
    [
      'its owner’s is another',
      owner,
      [seenAt(gids.owner, 'held', { md5: md5Of('other') })],
      [there, 'here, with other content than there'],
    ],
    [
      'its owner’s can’t be recognized',
      owner,
      [seenAt(gids.owner, 'held', { md5: null })],
      [there, 'here, and whether it is the same there is unknown: no md5 or no size is listed'],
    ],
    ['its owner lacks it', owner, [seenAt(gids.owner, 'lacking')], [there, 'here only']],
    [
      'its owner lacks it and should be dark',
      { ...owner, presence: 'darkened' },
      [seenAt(gids.owner, 'lacking')],
      [there, 'here only, and the owner’s art is darkened'],
    ],
    ['its owner is dark', owner, [seenAt(gids.owner, 'dark')], [there, 'here, and the owner’s item is dark']],
    ['its owner can’t be read', owner, [seenAt(gids.owner, 'unreadable')], untold],
  ])('of an extra image: where %s', (_where, owned, copies, [expected, found], changes = {}) => {
    const extra = [{ ...anExtra(1), ...changes }];
    const evidence = { missing: [], extra, owners: new Map(owned === null ? [] : [[1, owned]]), copies };
    const { differences } = resolveImages(orphan(), evidence, defaultPolicies);
    expect(differences).toMatchObject([{ subject: here, expected, found }]);
    expect('md5' in differences[0]!).toBe(extra[0]!.md5 !== null);
  });

  it('that MusicBrainz gave an extra image to the entity meanwhile', () => {
    const evidence = { missing: [], extra: [anExtra(1)], owners: new Map([[1, { ...owner, gid: gids.entity }]]) };
    const { notNow } = resolveImages(release, { ...evidence, copies: [] }, defaultPolicies);
    expect(notNow).toBe('MusicBrainz gave image 1 to this entity meanwhile');
  });
});

describe.each([
  ['a live entity’s item', liveRelease([anImage(9)])],
  ['an orphan’s item', orphan({ identity: 'merged', mergedInto: gids.owner })],
])('an extra image on %s', (_, expected) => {
  const owner: ImageOwner = { gid: gids.owner, suffix: 'jpg', presence: 'present' };
  const plan = (owned: ImageOwner | null, ...copies: ImageCopy[]) =>
    resolveImages(
      expected,
      { missing: [], extra: [anExtra(1)], owners: new Map(owned === null ? [] : [[1, owned]]), copies },
      defaultPolicies,
    );

  it('is deleted where its owner’s item is seen to hold it', () => {
    const { differences, clearings } = plan(owner, seenAt(gids.owner, 'held'));
    expect(differences).toMatchObject([
      { check: 'files.extra_image', policy: 'delete_image', artworkId: 1, md5: md5Of('1.jpg') },
    ]);
    expect(clearings).toEqual([{ artworkId: 1, suffix: 'jpg', owner: gids.owner, copyFirst: false }]);
  });

  it('is copied to its owner’s item first where that lacks it, or isn’t there', () => {
    for (const seen of ['lacking', 'missing'] as const) {
      expect(plan(owner, seenAt(gids.owner, seen)).clearings).toEqual([
        { artworkId: 1, suffix: 'jpg', owner: gids.owner, copyFirst: true },
      ]);
    }
  });

  it.each<[string, ImageOwner | null, ImageCopy[]]>([
    ['it belongs to nobody', null, []],
    ['it belongs to nobody, whatever was seen', null, [seenAt(gids.owner, 'held')]],
    ['its owner’s item is dark', owner, [seenAt(gids.owner, 'dark')]],
    [
      'its owner’s item lacks it and should be dark',
      { ...owner, presence: 'darkened' },
      [seenAt(gids.owner, 'lacking')],
    ],
    [
      'its owner’s item holds something else under its name',
      owner,
      [seenAt(gids.owner, 'held', { md5: md5Of('other') })],
    ],
    ['its owner’s item holds it by md5, but with another size', owner, [seenAt(gids.owner, 'held', { size: 1880 })]],
    ['its owner’s item holds an empty file', owner, [seenAt(gids.owner, 'held', { md5: md5Of(''), size: 0 })]],
    ['no md5 is listed on its owner’s item', owner, [seenAt(gids.owner, 'held', { md5: null })]],
    ['no size is listed on its owner’s item', owner, [seenAt(gids.owner, 'held', { size: null })]],
    ['it should have another suffix', { ...owner, suffix: 'png' }, [seenAt(gids.owner, 'held', { suffix: 'png' })]],
  ])('needs a person where %s', (_reason, owned, copies) => {
    const { differences, clearings, notNow } = plan(owned, ...copies);
    expect(differences).toMatchObject([{ check: 'files.extra_image', policy: 'review' }]);
    expect([clearings, notNow]).toEqual([[], null]);
  });

  it.each<[string, Partial<ExtraImage>]>([
    ['it is empty', { md5: md5Of(''), size: 0 }],
    ['no md5 of it is listed', { md5: null }],
    ['no size of it is listed', { size: null }],
  ])('needs a person where %s, whatever its owner’s item holds', (_reason, changes) => {
    for (const copy of [seenAt(gids.owner, 'held', changes), seenAt(gids.owner, 'lacking')]) {
      const extra = [{ ...anExtra(1), ...changes }];
      const evidence = { missing: [], extra, owners: new Map([[1, owner]]), copies: [copy] };
      expect(resolveImages(expected, evidence, defaultPolicies)).toMatchObject({
        notNow: null,
        clearings: [],
        differences: [{ policy: 'review' }],
      });
    }
  });

  it('is deleted where a sha1 tells what the md5 doesn’t', () => {
    const listed = { md5: null, sha1: 'b'.repeat(40) };
    const evidence = { missing: [], extra: [{ ...anExtra(1), ...listed }], owners: new Map([[1, owner]]) };
    const copies = [seenAt(gids.owner, 'held', listed)];
    expect(resolveImages(expected, { ...evidence, copies }, defaultPolicies).clearings).toHaveLength(1);
  });

  it.each<[string, ImageOwner, ImageCopy[]]>([
    ['its owner’s item can’t be read', owner, [seenAt(gids.owner, 'unreadable')]],
    ['its owner’s item was not looked at', owner, []],
    ['only another item was looked at', owner, [seenAt(gids.merged, 'held')]],
    ['only another image was looked for', owner, [seenAt(gids.owner, 'held', { artworkId: 2 })]],
    ['the entity itself owns it by now', { ...owner, gid: expected.key.gid }, [seenAt(gids.entity, 'held')]],
  ])('cannot be judged of where %s', (_reason, owned, copies) => {
    const { clearings, notNow } = plan(owned, ...copies);
    expect(clearings).toEqual([]);
    expect(notNow).not.toBeNull();
  });

  it('needs nothing to be seen where it is only to be reported', () => {
    const evidence = { missing: [], extra: [anExtra(1)], owners: new Map([[1, owner]]), copies: [] };
    expect(resolveImages(expected, evidence, resolvePolicies({ 'files.extra_image': 'report' })).notNow).toBeNull();
  });
});
