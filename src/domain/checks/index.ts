/** What audits call of the checks. */
export { imagesInQuestion } from '../documents/item-files.ts';
export { catalogue, findCheck } from './catalogue.ts';
export { checkDerived, checkDerivedFrom, derivedFields } from './derived-check.ts';
export { checkIndex } from './check-index.ts';
export { checkItem } from './check-item.ts';
export { doubtOf, type FileTime } from '../documents/xml-shapes.ts';
export { checkXml } from './xml-checks.ts';
export { groupFindings } from './findings.ts';
export { defaultPolicies, InvalidPolicyError, type PolicyTable, resolvePolicies } from './policies.ts';
