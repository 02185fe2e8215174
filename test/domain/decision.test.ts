import { describe, expect, it } from 'vitest';
import { type FormerFinding, inParts } from '../../src/domain/checks/finding.ts';
import { groupFindings } from '../../src/domain/checks/findings.ts';
import { defaultPolicies, resolvePolicies } from '../../src/domain/checks/policies.ts';
import { type Decision, type DecisionInput, restsOnSettledItem } from '../../src/domain/decision/decision.ts';
import { decided, differing, held, noImages, owned, release } from './decision-examples.ts';
import { anExtra, anImage, gids, liveEvent, orphan } from './examples.ts';

const { entity: gid, owner } = gids;
const evidenceIn = ({ findings }: Decision) => findings.flatMap(({ parts }) => parts.map(({ evidence }) => evidence));

describe('an entity without a finding', () => {
  it('is clean, an orphan legacy', () => {
    expect(decided(release, [])).toEqual({
      decision: 'clean',
      reason: null,
      findings: [],
      repairs: [],
      reviewReasons: [],
    });
    for (const identity of ['merged', 'deleted', 'unknown'] as const) {
      expect(decided(orphan({ identity }), []).decision).toBe('legacy');
    }
  });

  it('stays so where what is found is only reported', () => {
    const decision = decided(release, [differing('files.thumbnail'), differing('xml.stale_shape')]);
    expect(decision).toMatchObject({
      decision: 'clean',
      findings: [{ check: 'files.thumbnail' }, { check: 'xml.stale_shape' }],
    });
    expect(decided(orphan(), [differing('item.dark', { policy: 'report' })]).decision).toBe('legacy');
  });
});

describe('an entity with findings', () => {
  it('is repaired by one index, however many ask for it', () => {
    for (const expected of [release, liveEvent([anImage(1)])]) {
      const decision = decided(
        expected,
        ['index.order', 'index.value', 'xml.value', 'files.mb_metadata'].map((check) => differing(check)),
      );
      expect(decision).toMatchObject({ decision: 'repair_queue', reason: null, reviewReasons: [] });
      expect(decision.repairs).toEqual([
        { entityType: expected.key.entityType, action: 'index', message: { gid }, dependsOn: [] },
      ]);
    }
  });

  it('is for a person as soon as one finding is, with all reasons and no events', () => {
    const decision = decided(release, [
      differing('index.value'),
      differing('item.dark', { subject: 'the item', expected: 'public', found: 'dark' }),
      differing('files.image_unique'),
      differing('files.image_unique'),
    ]);
    expect(decision).toMatchObject({ decision: 'manual_review', repairs: [] });
    expect(decision.reviewReasons).toMatchObject([
      { check: 'item.dark', count: 1, reason: 'item.dark: the item: expected public, found dark' },
      { check: 'files.image_unique', count: 2, reason: 'files.image_unique (2): it: expected this, found that' },
    ]);
    for (const [n, { evidence, examples }] of decision.reviewReasons.entries()) {
      expect({ evidence, examples }).toEqual({
        evidence: decision.findings[n]?.parts[0].evidence,
        examples: decision.findings[n]?.examples,
      });
    }
    expect(decision.findings.map(({ check }) => check)).toEqual(['item.dark', 'files.image_unique', 'index.value']);
  });

  it('is for a person last where that finding can wait for repairs', () => {
    const last = differing('orphan.leftovers');
    expect(decided(orphan(), [last, differing('orphan.index_json')])).toMatchObject({
      decision: 'repair_queue',
      reviewReasons: [],
    });
    expect(decided(orphan(), [last])).toMatchObject({
      decision: 'manual_review',
      reviewReasons: [{ reason: 'orphan.leftovers: it: expected this, found that' }],
    });
    const extra = differing('files.image_unique');
    expect(
      decided(orphan(), [last, extra])
        .reviewReasons.map(({ check }) => check)
        .sort(),
    ).toEqual(['files.image_unique', 'orphan.leftovers']);
  });

  it('takes the policies that were set', () => {
    const policies = resolvePolicies({ 'index.value': 'review', 'item.dark': 'ignore', 'index.order': 'report' });
    const findings = ['index.value', 'item.dark', 'index.order'].map((check) => differing(check));
    expect(decided(release, findings, { policies })).toMatchObject({
      decision: 'manual_review',
      findings: [
        { check: 'index.value', policy: 'review' },
        { check: 'index.order', policy: 'report' },
      ],
    });
  });

  it('is not judged by what is derived from an XML that is to be uploaded again', () => {
    const derived = differing('meta.derived');
    expect(decided(release, [derived]).decision).toBe('repair_queue');
    for (const check of ['xml.value', 'xml.well_formed', 'files.mb_metadata']) {
      expect(decided(release, [differing(check), derived]).findings.map((finding) => finding.check)).toEqual([check]);
    }
  });

  it('is judged by it where nothing of the XML is to be mended: a stale shape hides nothing', () => {
    const derived = differing('meta.derived');
    const both = (check: string, rest: Partial<DecisionInput> = {}) =>
      decided(release, [differing(check), derived], rest).findings.map(({ check: found }) => found);
    expect(both('xml.stale_shape')).toEqual(['xml.stale_shape', 'meta.derived']);
    const index = { policies: resolvePolicies({ 'xml.stale_shape': 'index' }) };
    expect(both('xml.stale_shape', index)).toEqual(['xml.stale_shape']);
    for (const policy of ['report', 'review'] as const) {
      expect(both('xml.value', { policies: resolvePolicies({ 'xml.value': policy }) })).toEqual([
        'xml.value',
        'meta.derived',
      ]);
    }
    expect(both('xml.value', { policies: resolvePolicies({ 'xml.value': 'ignore' }) })).toEqual(['meta.derived']);
    const wontFixEvidence = evidenceIn(decided(release, [differing('xml.value')]));
    expect(both('xml.value', { wontFixEvidence })).toEqual(['xml.value', 'meta.derived']);
  });
});

describe('what a person won’t have fixed', () => {
  const dark = differing('item.dark');
  const [finding] = groupFindings([dark], defaultPolicies);

  it('counts as reported while its evidence is the same, and the rest is decided as usual', () => {
    const wontFixEvidence = [finding?.parts[0].evidence ?? ''];
    expect(decided(release, [dark], { wontFixEvidence })).toMatchObject({
      decision: 'clean',
      findings: [{ policy: 'report' }],
    });
    expect(decided(release, [dark, differing('index.value')], { wontFixEvidence }).decision).toBe('repair_queue');
    expect(decided(release, [{ ...dark, expected: 'other' }], { wontFixEvidence }).decision).toBe('manual_review');
  });

  it('is not repaired either', () => {
    const images = { ...owned(7), copies: [held(owner, 7)] };
    const before = decided(release, [], { images });
    const wontFixEvidence = evidenceIn(before);
    expect(decided(release, [], { images, wontFixEvidence })).toMatchObject({ decision: 'clean', repairs: [] });
  });

  it('is a part of a finding at most: the other part’s repairs are carried out', () => {
    const images = { ...owned(7), extra: [anExtra(7), anExtra(8)], copies: [held(owner, 7)] };
    const before = decided(release, [], { images });
    expect(before).toMatchObject({ decision: 'manual_review', findings: [{ check: 'files.extra_image' }] });
    const wontFixEvidence = before.reviewReasons.flatMap(({ evidence }) => evidence ?? []);
    expect(wontFixEvidence).toHaveLength(1);
    const decision = decided(release, [], { images, wontFixEvidence });
    expect(decision).toMatchObject({
      decision: 'repair_queue',
      findings: [
        {
          policy: 'delete_image',
          count: 2,
          parts: [
            { policy: 'delete_image', count: 1 },
            { policy: 'report', count: 1 },
          ],
          examples: [{ policy: 'delete_image' }, { policy: 'report' }],
        },
      ],
    });
    expect(decision.repairs.map(({ action }) => action)).toEqual(['delete_image', 'index']);
  });

  it('is asked again once an image that was nobody’s has an owner', () => {
    const nobodys = { ...noImages, extra: [anExtra(7)] };
    const wontFixEvidence = evidenceIn(decided(release, [], { images: nobodys }));
    expect(decided(release, [], { images: nobodys, wontFixEvidence }).decision).toBe('clean');
    const images = { ...owned(7), copies: [held(owner, 7)] };
    expect(decided(release, [], { images, wontFixEvidence }).decision).toBe('repair_queue');
  });
});

describe('a finding that is still there after repairs', () => {
  it('is for a person after two, of an item’s metadata after one', () => {
    for (const [check, tries] of [
      ['index.value', 2],
      ['files.index_json', 2],
      ['meta.noindex', 1],
      ['meta.derived', 1],
    ] as const) {
      expect(
        decided(release, [differing(check)], { repairedBefore: { [check]: tries - 1, 'index.order': 5 } }).decision,
      ).toBe('repair_queue');
      const decision = decided(release, [differing(check)], { repairedBefore: { [check]: tries } });
      expect(decision).toMatchObject({
        decision: 'manual_review',
        repairs: [],
        findings: [{ check, policy: 'review' }],
      });
      expect(decision.reviewReasons[0]?.reason).toContain('repairs don’t take');
    }
  });

  it('holds back the repairs of others', () => {
    const decision = decided(release, [differing('meta.noindex'), differing('index.value')], {
      repairedBefore: { 'meta.noindex': 1 },
    });
    expect(decision).toMatchObject({ decision: 'manual_review', repairs: [] });
    expect(decision.reviewReasons).toHaveLength(1);
  });

  it('is quiet once a person said so, and so ends the loop', () => {
    const noindex = differing('meta.noindex');
    const wontFixEvidence = evidenceIn(decided(release, [noindex], { repairedBefore: { 'meta.noindex': 1 } }));
    expect(decided(release, [noindex], { wontFixEvidence }).decision).toBe('clean');
  });

  it('goes for images and orphans too', () => {
    const images = { ...owned(7), copies: [held(owner, 7)] };
    expect(decided(release, [], { images, repairedBefore: { 'files.extra_image': 2 } }).decision).toBe('manual_review');
    expect(
      decided(orphan(), [differing('orphan.index_json')], { repairedBefore: { 'orphan.index_json': 2 } }).decision,
    ).toBe('manual_review');
  });

  it('is named by its own part, each with its own examples', () => {
    const images = { ...owned(7), extra: [anExtra(7), anExtra(8)], copies: [held(owner, 7)] };
    const { reviewReasons } = decided(release, [], { images, repairedBefore: { 'files.extra_image': 2 } });
    expect(reviewReasons.map(({ examples }) => examples.map(({ subject }) => subject))).toEqual([
      [anExtra(8).fileName],
      [anExtra(7).fileName],
    ]);
    expect(reviewReasons.map(({ reason }) => reason.includes('repairs don’t take'))).toEqual([false, true]);
  });

  it('is nothing where it was never to be repaired', () => {
    expect(
      decided(release, [differing('files.thumbnail')], { repairedBefore: { 'files.thumbnail': 9 } }).decision,
    ).toBe('clean');
  });
});

describe('the archive’s tasks', () => {
  it('are asked for before every decision but clean, and legacy with nothing left', () => {
    expect(restsOnSettledItem(decided(release, []))).toBe(false);
    expect(restsOnSettledItem(decided(release, [differing('files.thumbnail')]))).toBe(false);
    expect(restsOnSettledItem(decided(orphan(), []))).toBe(false);
    expect(restsOnSettledItem(decided(orphan(), [differing('orphan.leftovers', { policy: 'report' })]))).toBe(true);
    expect(restsOnSettledItem(decided(release, [differing('index.value')]))).toBe(true);
    expect(restsOnSettledItem(decided(release, [differing('item.dark')]))).toBe(true);
  });
});

describe('a finding of an audit that the version before began', () => {
  it('is decided like one with parts', () => {
    const former = {
      check: 'index.value',
      policy: 'index',
      count: 1,
      examples: [{ subject: 'it', expected: 'this', found: 'that' }],
      evidence: 'e',
    } as unknown as FormerFinding;
    expect(inParts(former)).toEqual({
      check: 'index.value',
      policy: 'index',
      count: 1,
      examples: [{ subject: 'it', expected: 'this', found: 'that', policy: 'index' }],
      parts: [{ policy: 'index', count: 1, evidence: 'e' }],
    });
    const [finding] = groupFindings([differing('index.value')], defaultPolicies);
    expect(inParts(finding!)).toBe(finding);
  });
});
