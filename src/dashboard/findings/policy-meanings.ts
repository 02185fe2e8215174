import type { Policy } from '../../domain/checks/finding.ts';

/** What a policy leads to, in words. */
export const policyMeanings: Readonly<Record<Policy, string>> = {
  index: 'index.json and the XML are uploaded again',
  copy_image: 'the image is copied from where it is',
  delete_image: 'the image is deleted here, once it is seen where it belongs',
  deindex: 'index.json is deleted',
  review: 'a person looks, and nothing is queued for the entity meanwhile',
  review_last: 'a person looks, once nothing is left to repair',
  report: 'it is recorded, and decides nothing',
  ignore: 'it is not recorded',
};
