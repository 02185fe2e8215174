import { describe, expect, it } from 'vitest';
import { defaultPolicies, resolvePolicies } from '../../src/domain/checks/index.ts';
import { untoldContent } from '../../src/domain/image-content.ts';
import type { ExtraImage, ImageCopy, ImageOwner } from '../../src/domain/image-copy.ts';
import { resolveImages } from '../../src/domain/decision/resolve-images.ts';
import { anExtra, anImage, contentNamed, gids, liveRelease, md5Of, orphan } from './examples.ts';

const release = liveRelease([anImage(1)], { mergedFrom: [gids.merged, gids.otherMerged] });
const missing = [{ artworkId: 1, suffix: 'jpg' }];

const seenAt = (gid: string, seen: ImageCopy['seen'], changes: Partial<ImageCopy> = {}): ImageCopy => ({
  gid,
  artworkId: 1,
  suffix: 'jpg',
  seen,
  ...(seen === 'held' ? contentNamed('1.jpg') : untoldContent),
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

  it('can’t be told of where a merged item was not seen or can’t be read', () => {
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
  ])('can’t be told of where %s', (_reason, owned, copies) => {
    const { clearings, notNow } = plan(owned, ...copies);
    expect(clearings).toEqual([]);
    expect(notNow).not.toBeNull();
  });

  it('needs nothing to be seen where it is only to be reported', () => {
    const evidence = { missing: [], extra: [anExtra(1)], owners: new Map([[1, owner]]), copies: [] };
    expect(resolveImages(expected, evidence, resolvePolicies({ 'files.extra_image': 'report' })).notNow).toBeNull();
  });
});
