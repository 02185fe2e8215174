import { expect, test } from 'vitest';
import type { Evidence, Judgement, ObservedAudit } from '../../src/activities/audit-results.ts';
import { listImages } from '../../src/domain/image-lists.ts';
import { judgeEntity, type JudgingSteps, type Round } from '../../src/workflows/judge-entity.ts';

const key = { entityType: 'release', gid: 'a1b2c3d4-0000-4000-8000-000000000000' } as const;
const begun = { entityId: 7, past: { repairedChecks: {}, wontFixEvidence: [] }, startedAt: '2026-01-02T03:04:05Z' };
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
  readonly observed?: Awaited<ReturnType<JudgingSteps['archive']['observeItem']>>;
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
    decideAudit: async (_key: unknown, _begun: unknown, evidence: Evidence) => {
      decidedOn.push(evidence);
      return judgements.shift()!;
    },
  } as unknown as JudgingSteps;
  const round = await judgeEntity(steps, key, begun);
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
  expect(round).toEqual({ kind: 'wait', seconds: 3600, reason });
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
  expect(round).toEqual({ kind: 'wait', seconds: 1, reason: 'the item changed a moment ago' });
  expect(decidedOn).toEqual([]);
});

test('with events pending it is given back, and nothing is decided', async () => {
  const { round, decidedOn } = await judged({ observed: { kind: 'pending_events', reason: 'index is queued' } });
  expect(round).toEqual({ kind: 'give_back', back: { cause: 'pending_events', reason: 'index is queued' } });
  expect(decidedOn).toEqual([]);
});
