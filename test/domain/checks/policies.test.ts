import { describe, expect, it } from 'vitest';
import { audiencesOf, catalogue, checksFor, findCheck, positionOf } from '../../../src/domain/checks/catalogue.ts';
import { audiences } from '../../../src/domain/checks/check.ts';
import { policies } from '../../../src/domain/checks/finding.ts';
import { defaultPolicies, InvalidPolicyError, policyOf, resolvePolicies } from '../../../src/domain/checks/policies.ts';

describe('the catalogue', () => {
  it('has every check once, with a sentence, a reason and a family that its name shows', () => {
    const names = catalogue.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, sentence, why } of catalogue) {
      expect(name).toMatch(/^(item|files|index|xml|meta|orphan)\.[a-z_]+$/);
      expect(sentence).toMatch(/\.$/);
      expect(why).toMatch(/\.$/);
    }
  });

  it('says who can act on a review: all who can on one of its checks, and operators on whatever is no check', () => {
    expect(audiencesOf(['files.extra_image', 'orphan.xml', 'orphan.leftovers'])).toEqual([
      'archive_staff',
      'musicbrainz_editors',
    ]);
    expect(audiencesOf(['index.value', null])).toEqual(['operators']);
    expect(audiencesOf([null])).toEqual(['operators']);
    expect(audiencesOf(['check.of_an_older_version'])).toEqual(['operators']);
    expect(audiencesOf([])).toEqual(['operators']);
    expect(audiences.flatMap(checksFor).sort()).toEqual(catalogue.map(({ name }) => name).sort());
  });

  it('finds each where it stands, and those that there aren’t (any more) last', () => {
    for (const [position, entry] of catalogue.entries()) {
      expect(findCheck(entry.name)).toBe(entry);
      expect(positionOf(entry.name)).toBe(position);
    }
    expect(findCheck('index.gone')).toBeNull();
    expect(positionOf('index.gone')).toBe(catalogue.length);
  });

  it('has these policies by default', () => {
    expect(defaultPolicies).toEqual({
      'item.exists': 'review',
      'item.dark': 'review',
      'files.image': 'copy_image',
      'files.image_unique': 'review',
      'files.image_content': 'review',
      'files.extra_image': 'delete_image',
      'files.unknown': 'review',
      'files.index_json': 'index',
      'files.mb_metadata': 'index',
      'files.thumbnail': 'report',
      'files.stray_thumbnail': 'report',
      'index.well_formed': 'index',
      'index.entity_url': 'index',
      'index.image_missing': 'index',
      'index.image_duplicate': 'index',
      'index.extra_image': 'index',
      'index.image_shape': 'index',
      'index.value_type': 'index',
      'index.value': 'index',
      'index.url': 'index',
      'index.url_scheme': 'index',
      'index.order': 'index',
      'xml.well_formed': 'index',
      'xml.value': 'index',
      'xml.stale_shape': 'report',
      'meta.collection': 'index',
      'meta.mediatype': 'index',
      'meta.noindex': 'index',
      'meta.derived': 'index',
      'orphan.index_json': 'deindex',
      'orphan.xml': 'review_last',
      'orphan.leftovers': 'review_last',
      'orphan.never_indexed': 'review',
    });
  });
});

describe('policies that are set', () => {
  it('take the place of the catalogue’s, and leave the others', () => {
    const table = resolvePolicies({ 'index.order': 'report', 'files.thumbnail': 'review_last' });
    expect(table).toEqual({ ...defaultPolicies, 'index.order': 'report', 'files.thumbnail': 'review_last' });
  });

  it('can be any that the check’s entry names, and no other', () => {
    for (const { name, policies: allowed } of catalogue) {
      for (const policy of policies) {
        if (allowed.includes(policy)) expect(resolvePolicies({ [name]: policy })[name]).toBe(policy);
        else expect(() => resolvePolicies({ [name]: policy }), `${name} = ${policy}`).toThrow(InvalidPolicyError);
      }
    }
  });

  it('can always be a person’s word, and never a repair that does nothing about the finding', () => {
    for (const { name, policies: allowed } of catalogue) {
      expect(allowed, name).toEqual(expect.arrayContaining(['review', 'report', 'ignore']));
    }
    expect(() => resolvePolicies({ 'files.thumbnail': 'index' })).toThrow('expected one of report, review');
    expect(() => resolvePolicies({ 'index.value': 'delete_image' })).toThrow(InvalidPolicyError);
  });

  it('are refused all at once, by name', () => {
    const set = { 'index.oder': 'report', 'item.dark': 'never', constructor: 'report', 'index.order': 'report' };
    expect(() => resolvePolicies(set)).toThrow(
      'policies of checks: unknown check "index.oder"; item.dark is "never": expected one of review, review_last, report, ignore; unknown check "constructor"',
    );
  });
});

describe('what a difference leads to', () => {
  it('is what the check’s policy says, unless the difference asks for something else', () => {
    expect(policyOf(defaultPolicies, 'files.image', undefined)).toBe('copy_image');
    expect(policyOf(defaultPolicies, 'files.image', 'review')).toBe('review');
    expect(policyOf(defaultPolicies, 'item.dark', 'report')).toBe('report');
  });

  it('is what an operator set, whatever the difference asks for, but never more than a report where that is asked', () => {
    expect(policyOf(resolvePolicies({ 'files.image': 'review_last' }), 'files.image', 'review')).toBe('review_last');
    expect(policyOf(resolvePolicies({ 'files.image': 'report' }), 'files.image', 'copy_image')).toBe('report');
    expect(policyOf(resolvePolicies({ 'item.dark': 'review_last' }), 'item.dark', 'report')).toBe('report');
    expect(policyOf(resolvePolicies({ 'item.dark': 'ignore' }), 'item.dark', 'report')).toBe('ignore');
  });

  it('is at least a report where the file may be an original: lists for purging rest on it', () => {
    for (const check of ['files.unknown', 'files.extra_image']) {
      expect(policyOf(resolvePolicies({ [check]: 'ignore' }), check, undefined)).toBe('report');
      expect(policyOf(resolvePolicies({ [check]: 'ignore' }), check, 'review')).toBe('report');
    }
  });

  it('must be of a check that there is', () => {
    expect(() => policyOf(defaultPolicies, 'index.gone', undefined)).toThrow(
      new InvalidPolicyError('unknown check "index.gone": it is not in the catalogue'),
    );
    expect(new InvalidPolicyError().name).toBe('InvalidPolicyError');
  });

  // Those of a version that didn't have the check yet, as a history keeps them.
  it('is the catalogue’s where the policies in force don’t name the check', () => {
    expect(policyOf({}, 'item.dark', undefined)).toBe('review');
    expect(policyOf({}, 'files.image', 'review')).toBe('review');
  });
});
