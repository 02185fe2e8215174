import { describe, expect, test } from 'vitest';
import { evidenceAtOnce, gatherEvidence, judgeEntity, type Round } from '../../src/audit/judge-entity.ts';
import type { AuditPort, Evidence, Judgement, ObservedAudit, WebServiceStep } from '../../src/audit/steps.ts';
import type { Finding } from '../../src/domain/checks/finding.ts';
import { listImages } from '../../src/domain/decision/image-lists.ts';

const key = { entityType: 'release', gid: 'a1b2c3d4-0000-4000-8000-000000000000' } as const;
const entityId = 7;
const result = { outcome: 'clean', reason: null } as const;
const decided: Judgement = { kind: 'decided', result };

/** An item without documents, so that nothing but itself and its tasks is asked for. */
const observed: ObservedAudit = {
  kind: 'observed',
  identity: 'live',
  expected: { images: 0, presence: null },
  item: 'present',
  files: 0,
  settlesInSeconds: 0,
  settleSeconds: 3600,
  findings: [],
  index: null,
  xml: null,
  derived: null,
  place: null,
  webService: 'not_needed',
  images: listImages({ missing: [], extra: [] }),
  lookAt: [],
  fingerprint: 'as it is',
  requests: { metadata: 1 },
};

/** One look with these answers of the steps; also what it was decided on, each time. */
async function judged(given: {
  readonly observed?: Awaited<ReturnType<AuditPort['archive']['observeItem']>>;
  readonly tasks?: number | null;
  readonly judgements?: readonly Judgement[];
}): Promise<{ readonly round: Round; readonly decidedOn: readonly Evidence['tasks'][]; readonly evidence?: Evidence }> {
  const decidedOn: Evidence[] = [];
  const judgements = [...(given.judgements ?? [decided])];
  const steps = {
    archive: {
      observeItem: async () => given.observed ?? observed,
      askTasks: async () => ({ tasks: given.tasks ?? null, requests: { tasks: 1 } }),
    },
    musicbrainz: {},
    decide: async (evidence: Evidence) => {
      decidedOn.push(evidence);
      return judgements.shift()!;
    },
  } as unknown as AuditPort;
  const round = await judgeEntity(steps, key, entityId);
  return { round, decidedOn: decidedOn.map(({ tasks }) => tasks), evidence: decidedOn.at(-1)! };
}

const askFirst: readonly Judgement[] = [{ kind: 'ask_tasks' }, decided];

test.each([0, null])('with %s tasks outstanding at the archive it is decided, on that', async (tasks) => {
  const { round, decidedOn, evidence } = await judged({ judgements: askFirst, tasks });
  expect(round).toEqual({ kind: 'ended', result });
  expect(decidedOn).toEqual(['not_asked', tasks]);
  expect(evidence?.requests).toEqual({ metadata: 1, tasks: 1 });
});

test.each([1, 2])('with %s outstanding it waits until the item has settled, and nothing is decided', async (tasks) => {
  const { round, decidedOn } = await judged({ judgements: askFirst, tasks });
  const reason = `the archive has ${tasks} tasks outstanding for the item`;
  expect(round).toEqual({
    kind: 'wait',
    seconds: 3600,
    reason,
    waitsFor: tasks === 1 ? '1 archive task' : '2 archive tasks',
  });
  expect(decidedOn).toEqual(['not_asked']);
});

test('what needs no settled item is decided without asking for its tasks', async () => {
  expect(await judged({ tasks: 1 })).toMatchObject({ round: { kind: 'ended', result }, decidedOn: ['not_asked'] });
});

test.each([
  ['at once', [{ kind: 'stale' }] as const, ['not_asked']],
  ['while the tasks were asked for', [{ kind: 'ask_tasks' }, { kind: 'stale' }] as const, ['not_asked', 0]],
])('where MusicBrainz changed %s it starts over', async (_when, judgements, decidedOn) => {
  expect(await judged({ judgements, tasks: 0 })).toMatchObject({ round: { kind: 'stale' }, decidedOn });
});

test('an item that changed a moment ago is waited for, and nothing is decided', async () => {
  const { round, decidedOn } = await judged({ observed: { ...observed, settlesInSeconds: 1 } });
  const reason = 'the item changed a moment ago';
  expect(round).toEqual({ kind: 'wait', seconds: 1, reason, waitsFor: 'the item to settle' });
  expect(decidedOn).toEqual([]);
});

test.each([
  ['event', { cause: 'other_kind', entityType: 'event', reason: 'an event' }],
  [null, { cause: 'kind_disputed', reason: 'an event' }],
] as const)('what is of another kind (%s) is released, and nothing is decided', async (entityType, back) => {
  const { round, decidedOn } = await judged({ observed: { kind: 'other_kind', entityType, reason: 'an event' } });
  expect(round).toEqual({ kind: 'give_back', back });
  expect(decidedOn).toEqual([]);
});

test('with events pending it is released, and nothing is decided', async () => {
  const { round, decidedOn } = await judged({ observed: { kind: 'pending_events', reason: 'index is queued' } });
  expect(round).toEqual({ kind: 'give_back', back: { cause: 'pending_events', reason: 'index is queued' } });
  expect(decidedOn).toEqual([]);
});

describe('an item gives all of the evidence at once', () => {
  const said: WebServiceStep = { answer: 'this_entity', xmlAsExpected: true, findings: [], requests: { ws: 1 } };
  const finding = (policy: Finding['policy']): Finding =>
    ({ check: 'files.thumbnail', policy, count: 1, examples: [] }) as unknown as Finding;

  test.each([
    ['where nothing is left to ask', observed],
    ['where the web service has answered', { ...observed, webService: said }],
    ['where what was found is only reported', { ...observed, findings: [finding('report')] }],
  ])('%s', async (_, seen: ObservedAudit) => {
    const steps = { archive: { observeItem: async () => seen } } as unknown as AuditPort;
    const gathered = await gatherEvidence(steps, key, entityId);
    expect(gathered).toMatchObject({ kind: 'gathered', evidence: evidenceAtOnce(seen)! });
  });

  test.each([
    ['where it has changed a moment ago', { ...observed, settlesInSeconds: 1 }],
    ['where the web service is still to be asked', { ...observed, webService: 'to_be_asked' as const }],
    ['where a document is to be downloaded', { ...observed, place: { nodes: ['ia1'], dir: '/1' } }],
    ['where another item may hold a copy', { ...observed, lookAt: [{ gid: key.gid, images: 'missing' as const }] }],
    ['where it is to be repaired', { ...observed, findings: [finding('index')] }],
    [
      'where the web service’s XML says that it is to be',
      { ...observed, webService: { ...said, findings: [finding('index')] } },
    ],
  ])('but not %s', (_, seen: ObservedAudit) => {
    expect(evidenceAtOnce(seen)).toBeNull();
  });
});

describe('what is gathered about an entity', () => {
  const place = { nodes: ['ia1'], dir: '/1/items' };
  const differing = {
    index: { md5: 'of index.json', asExpected: false },
    xml: { md5: 'of the XML', mtime: 5 },
    derived: { title: ['A'] },
    place,
  };
  const found = (check: string): Finding[] => [
    { check, policy: 'report', count: 1, examples: [] } as unknown as Finding,
  ];
  const step = (answer: WebServiceStep['answer'], xmlAsExpected: boolean): WebServiceStep => ({
    answer,
    xmlAsExpected,
    findings: found('by the web service'),
    requests: { ws: 1 },
  });

  /** What was gathered, and which steps were asked for it, with what. */
  async function gathered(seen: Partial<ObservedAudit>, answer = step('this_entity', false)) {
    const asked: unknown[] = [];
    const note =
      (name: string, says: object) =>
      async (...given: unknown[]): Promise<object> => {
        asked.push([name, ...given]);
        return says;
      };
    const steps = {
      archive: {
        observeItem: async () => ({ ...observed, findings: found('by the item'), ...seen }),
        explainIndex: note('explainIndex', { findings: found('by index.json'), requests: { download: 1 } }),
        explainXml: note('explainXml', { findings: found('by the XML'), requests: { download: 1, ws: 1 } }),
        lookAtCopies: note('lookAtCopies', { item: 'dark', held: {}, requests: { metadata: 1 } }),
      },
      musicbrainz: { askWebService: note('askWebService', answer) },
    } as unknown as AuditPort;
    const all = await gatherEvidence(steps, key, 7);
    if (all.kind !== 'gathered') throw new Error(all.reason);
    return { ...all, checks: all.evidence.findings.map(({ check }) => check), asked };
  }

  test('in order costs nothing but the look at its item', async () => {
    const { evidence, settleSeconds, asked } = await gathered({ ...differing, index: null, xml: null });
    expect(asked).toEqual([]);
    expect(settleSeconds).toBe(3600);
    expect(evidence).toEqual({
      observed: { fingerprint: 'as it is', identity: 'live', images: { missing: {}, extra: {} }, item: 'present' },
      findings: found('by the item'),
      webService: 'not_asked',
      copies: [],
      tasks: 'not_asked',
      requests: { metadata: 1 },
    });
  });

  test('is what differs in each document, asked of whoever knows', async () => {
    const images = listImages({
      missing: [],
      extra: [{ artworkId: 3, suffix: 'jpg', fileName: 'x', size: 1, md5: null, sha1: null, crc32: null }] as never,
    });
    const { evidence, checks, asked } = await gathered({ ...differing, images, webService: 'to_be_asked' });
    expect(asked).toEqual([
      ['askWebService', key, { md5: 'of the XML', derived: differing.derived }],
      ['explainIndex', key, 7, { md5: 'of index.json', place, heldExtraIds: [3] }],
      ['explainXml', key, 7, { md5: 'of the XML', mtime: 5, place }, differing.derived],
    ]);
    expect(checks).toEqual(['by the item', 'by the web service', 'by index.json', 'by the XML']);
    expect(evidence).toMatchObject({
      webService: 'this_entity',
      requests: { metadata: 1, ws: 2, download: 2 },
    });
  });

  test('asks the web service of an item without XML, and not what it has answered already', async () => {
    const without = await gathered({ webService: 'to_be_asked' }, step('not_found', false));
    expect(without.asked).toEqual([['askWebService', key, { md5: null, derived: null }]]);
    expect(without.evidence.webService).toBe('not_found');
    const along = await gathered({ webService: step('another_entity', false) });
    expect(along.asked).toEqual([]);
    expect(along.evidence).toMatchObject({ webService: 'another_entity', requests: { metadata: 1, ws: 1 } });
  });

  test.each([
    ['index.json that is as expected', { ...differing, xml: null, index: { md5: 'x', asExpected: true } }],
    ['index.json without a place', { ...differing, xml: null, place: null }],
    ['XML that is as expected', { ...differing, index: null, webService: step('this_entity', true) }],
    ['XML that the web service gives none for', { ...differing, index: null, webService: step('not_found', false) }],
    ['XML that nobody was asked about', { ...differing, index: null }],
    ['XML without a place', { ...differing, index: null, place: null, webService: step('this_entity', false) }],
    ['XML that isn’t there', { ...differing, index: null, xml: null, webService: step('this_entity', false) }],
  ] as const)('downloads no %s', async (_what, seen) => {
    expect((await gathered(seen)).asked).toEqual([]);
  });

  test('is what other items hold of its images', async () => {
    const images = listImages({ missing: [{ artworkId: 1, suffix: 'jpg' }], extra: [] });
    const { evidence, asked } = await gathered({ images, lookAt: [{ gid: 'other', images: 'missing' }] });
    const question = { gid: 'other', images: { jpg: [1] } };
    expect(asked).toEqual([['lookAtCopies', question]]);
    expect(evidence.copies).toEqual([{ question, seen: { item: 'dark', held: {} } }]);
    expect(evidence.requests).toEqual({ metadata: 2 });
  });
});
