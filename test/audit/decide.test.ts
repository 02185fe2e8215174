import { describe, expect, test } from 'vitest';
import { decideOn, disagreement, isFinal } from '../../src/audit/decide.ts';
import type { AuditPast, Evidence } from '../../src/audit/steps.ts';
import { groupFindings } from '../../src/domain/checks/findings.ts';
import { defaultPolicies } from '../../src/domain/checks/policies.ts';
import { listContents, listImages } from '../../src/domain/decision/image-lists.ts';
import type { Decision } from '../../src/domain/decision/decision.ts';
import type { Identity } from '../../src/domain/entity.ts';
import { differing, missingImages, release } from '../domain/decision-examples.ts';
import { contentNamed, gids } from '../domain/examples.ts';

const { merged } = gids;
const { key } = release;
const unknownPast: AuditPast = { repairedChecks: {}, wontFixEvidence: [] };

function evidence(changes: Partial<Evidence> & { readonly identity?: Identity } = {}): Evidence {
  const { identity = 'live', ...rest } = changes;
  const images = listImages({ missing: [], extra: [] });
  return {
    observed: { fingerprint: 'as it is', identity, images, item: 'present' },
    findings: [],
    webService: 'this_entity',
    copies: [],
    tasks: 'not_asked',
    requests: {},
    ...rest,
  };
}

describe('who the gid is', () => {
  test.each<[Identity, Evidence['webService'], string | null]>([
    ['live', 'this_entity', null],
    ['live', 'not_found', 'the web service has no release of this MBID, the database has'],
    ['live', 'another_entity', 'the web service has no release of this MBID, the database has'],
    ['live', 'not_asked', null],
    ['merged', 'another_entity', null],
    ['deleted', 'not_found', null],
    ['deleted', 'not_asked', null],
    ['unknown', 'this_entity', 'the database says unknown, and the web service still gives the release'],
  ])('%s in the database, %s for the web service', (identity, webService, inWords) => {
    expect(disagreement(key, evidence({ identity, webService }))).toBe(inWords);
  });
});

describe('what was gathered', () => {
  const decide = (given: Evidence, past = unknownPast): Decision =>
    decideOn({ expected: release, owners: new Map() }, given, past, defaultPolicies);

  test('without findings is clean', () => {
    expect(decide(evidence())).toMatchObject({ decision: 'clean', repairs: [] });
  });

  test('is decided on with what people said of it', () => {
    const findings = groupFindings([differing('index.value')], defaultPolicies);
    const given = evidence({ findings });
    expect(decide(given).decision).toBe('repair_queue');
    const wontFixEvidence = findings.flatMap(({ parts }) => parts.map((part) => part.evidence));
    expect(decide(given, { ...unknownPast, wontFixEvidence }).decision).toBe('clean');
  });

  test('names images by their ids, and what other items hold of them', () => {
    const missing = missingImages(1);
    const question = { gid: merged, images: { jpg: [1] } };
    const held = listContents([{ artworkId: 1, suffix: 'jpg', ...contentNamed('1') }]);
    const given = evidence({
      findings: groupFindings([differing('files.image')], defaultPolicies),
      observed: { ...evidence().observed, images: listImages({ missing, extra: [] }) },
      copies: [{ question, seen: { item: 'present', held } }],
    });
    expect(decide(given).repairs.map(({ action }) => action)).toEqual(['copy_image', 'index']);
    const without = { ...given, copies: [{ question, seen: { item: 'missing', held: {} } as const }] };
    expect(decide(without)).toMatchObject({ decision: 'manual_review', repairs: [] });
  });
});

describe('a decision is made', () => {
  const decided = (decision: Decision['decision']): Decision =>
    ({ decision, reason: null, findings: [], repairs: [], reviewReasons: [] }) satisfies Decision;

  test.each<[Decision['decision'], Evidence['tasks'], boolean]>([
    ['clean', 'not_asked', true],
    ['repair_queue', 'not_asked', false],
    ['repair_queue', 0, true],
    ['manual_review', null, true],
    ['not_now', 0, false],
    ['not_now', 'not_asked', false],
  ])('%s with tasks %s: %s', (decision, tasks, made) => {
    expect(isFinal(decided(decision), evidence({ tasks }))).toBe(made);
  });
});
