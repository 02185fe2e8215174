import { expect, test } from 'vitest';
import { didYouMean } from '../../src/wording/did-you-mean.ts';

const statuses = ['open', 'resolved', 'wont_fix', 'any'];

test.each([
  ['opne', statuses, ' Did you mean open?'],
  ['wont-fix', statuses, ' Did you mean wont_fix?'],
  ['Resolved ', statuses, ' Did you mean resolved?'],
  ['resolve', statuses, ' Did you mean resolved?'],
  ['fix', statuses, ' Did you mean wont_fix?'],
  ['meta.nonindex', ['meta.noindex', 'meta.mediatype'], ' Did you mean meta.noindex?'],
  ['keys_refused', ['keys_refused_caa', 'keys_refused_eaa'], ''],
  ['files.ima', ['files.image', 'files.imago'], ' Did you mean one of files.image, files.imago?'],
])('%j', (written, words, remark) => {
  expect(didYouMean(written, words)).toBe(remark);
});

test.each([
  ['', statuses],
  ['nonsense', statuses],
  ['x'.repeat(10_000), statuses],
  ['open', []],
])('nothing is guessed for %j', (written, words) => {
  expect(didYouMean(written, words)).toBe('');
});
