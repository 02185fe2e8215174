import { describe, expect, it } from 'vitest';
import { resolvePolicies } from '../../src/domain/checks/policies.ts';
import {
  decided,
  differing,
  held,
  inShort,
  lacking,
  missingImages,
  noImages,
  owned,
  release,
} from './decision-examples.ts';
import { anExtra, gids, orphan } from './examples.ts';

const { entity: gid, owner, merged } = gids;

describe('missing images', () => {
  it('are copied from a merged item, and indexed after that', () => {
    const images = { ...noImages, missing: missingImages(1, 2), copies: [held(merged, 1), held(merged, 2)] };
    expect(inShort(decided(release, [], { images }))).toEqual([
      `copy_image 1 ${merged} to ${gid}`,
      `copy_image 2 ${merged} to ${gid}`,
      `index ${gid} after 0, 1`,
    ]);
  });

  it('are for a person where one of them is found nowhere', () => {
    const images = { ...noImages, missing: missingImages(1, 2), copies: [held(merged, 1), lacking(merged, 2)] };
    const decision = decided(release, [differing('index.value')], { images });
    expect(decision).toMatchObject({ decision: 'manual_review', repairs: [] });
    expect(decision.reviewReasons).toHaveLength(1);
  });

  it('are not now where a merged item can’t be read', () => {
    const decision = decided(release, [differing('item.dark')], { images: { ...noImages, missing: missingImages(1) } });
    expect(decision).toMatchObject({ decision: 'not_now', repairs: [], reviewReasons: [] });
    expect(decision.reason).toContain(merged);
  });
});

describe('a missing item', () => {
  const gone = differing('item.exists');

  it('is made by copies where all its images are found on merged items', () => {
    const images = { ...noImages, missing: missingImages(1, 2), copies: [held(merged, 1), held(merged, 2)] };
    const decision = decided(release, [gone], { images });
    expect(decision.findings).toMatchObject([{ check: 'files.image', policy: 'copy_image' }]);
    expect(inShort(decision)).toHaveLength(3);
  });

  it('is for a person where one of them is not', () => {
    const images = { ...noImages, missing: missingImages(1, 2), copies: [held(merged, 1), lacking(merged, 2)] };
    const decision = decided(release, [gone], { images });
    expect(decision.findings.map(({ check }) => check)).toEqual(['item.exists']);
    expect(decision.reviewReasons.map(({ check }) => check)).toEqual(['item.exists']);
  });

  it('is for a person where copying is not to be done', () => {
    const images = { ...noImages, missing: missingImages(1, 2), copies: [held(merged, 1), held(merged, 2)] };
    const decision = decided(release, [gone], { images, policies: resolvePolicies({ 'files.image': 'report' }) });
    expect(decision).toMatchObject({
      decision: 'manual_review',
      findings: [{ check: 'item.exists', policy: 'review' }],
    });
  });
});

describe('extra images', () => {
  it('are deleted where their owner’s item holds them, and the rest indexed after that', () => {
    const images = { ...owned(7, 8), copies: [held(owner, 7), held(owner, 8)] };
    expect(inShort(decided(release, [differing('index.order')], { images }))).toEqual([
      `delete_image 7 ${gid}`,
      `delete_image 8 ${gid}`,
      `index ${gid} after 0, 1`,
    ]);
  });

  it('are copied, deleted and indexed on both sides where their owner’s item lacks them', () => {
    const images = { ...owned(7, 8), copies: [lacking(owner, 7), held(owner, 8)] };
    expect(inShort(decided(release, [], { images }))).toEqual([
      `copy_image 7 ${gid} to ${owner}`,
      `delete_image 7 ${gid} after 0`,
      `delete_image 8 ${gid}`,
      `index ${owner} after 1`,
      `index ${gid} after 1, 2`,
    ]);
  });

  it('come with missing ones in one plan', () => {
    const images = { ...owned(7), missing: missingImages(1), copies: [lacking(owner, 7), held(merged, 1)] };
    expect(inShort(decided(release, [], { images }))).toEqual([
      `copy_image 1 ${merged} to ${gid}`,
      `copy_image 7 ${gid} to ${owner}`,
      `delete_image 7 ${gid} after 1`,
      `index ${owner} after 2`,
      `index ${gid} after 0, 2`,
    ]);
  });

  it('hold everything back where one belongs to nobody', () => {
    const images = { ...owned(7), extra: [anExtra(7), anExtra(8)], copies: [held(owner, 7)] };
    const decision = decided(release, [differing('index.value')], { images });
    expect(decision).toMatchObject({ decision: 'manual_review', repairs: [] });
    expect(decision.findings.map(({ check, policy }) => `${check} ${policy}`)).toEqual([
      'files.extra_image review',
      'index.value index',
    ]);
    expect(decision.findings[0]?.parts.map(({ policy }) => policy)).toEqual(['review', 'delete_image']);
  });

  it('are not now where their owner’s item can’t be read', () => {
    expect(decided(release, [], { images: owned(7) })).toMatchObject({ decision: 'not_now', repairs: [] });
    expect(
      decided(release, [], { images: owned(7), policies: resolvePolicies({ 'files.extra_image': 'report' }) }),
    ).toMatchObject({
      decision: 'clean',
    });
  });
});

describe('an orphan', () => {
  const index = differing('orphan.index_json');
  const merged = orphan({ identity: 'merged', mergedInto: owner });

  it('loses its index.json', () => {
    expect(inShort(decided(merged, [index]))).toEqual([`deindex ${gid}`]);
  });

  it('loses it after its images, and is never indexed itself', () => {
    const images = { ...owned(7, 8), copies: [lacking(owner, 7), held(owner, 8)] };
    expect(inShort(decided(merged, [index], { images }))).toEqual([
      `copy_image 7 ${gid} to ${owner}`,
      `delete_image 7 ${gid} after 0`,
      `delete_image 8 ${gid}`,
      `index ${owner} after 1`,
      `deindex ${gid} after 1, 2`,
    ]);
    expect(inShort(decided(merged, [], { images: { ...owned(8), copies: [held(owner, 8)] } }))).toEqual([
      `delete_image 8 ${gid}`,
    ]);
  });

  it('keeps it where an image needs a person', () => {
    const decision = decided(merged, [index], { images: { ...noImages, extra: [anExtra(9)] } });
    expect(decision).toMatchObject({ decision: 'manual_review', repairs: [] });
    expect(decision.findings.map(({ check }) => check)).toEqual(['files.extra_image', 'orphan.index_json']);
  });
});
