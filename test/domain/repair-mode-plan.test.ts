import { describe, expect, it } from 'vitest';
import {
  planRepairMode,
  type PlanSettings,
  type ReportedFindings,
  type WaitingGroup,
} from '../../src/domain/decision/repair-mode-plan.ts';

const settings: PlanSettings = {
  auditsPerHour: 600,
  archiveRequestsPerSecond: 4,
  webServiceRequestsPerSecond: 1,
  maxWaitingRepairs: 500,
  tickSeconds: 60,
  breakerShare: 0.5,
  breakerExcept: ['index.url_scheme'],
};

function group(checks: readonly string[], entities: number, more: Partial<WaitingGroup> = {}): WaitingGroup {
  return { checks, entities, live: entities, copiesHere: 0, copiesAway: 0, deletions: 0, deindexes: 0, ...more };
}

function found(groups: readonly WaitingGroup[], more: Partial<ReportedFindings> = {}): ReportedFindings {
  return {
    groups,
    events: { index: 0, copy_image: 0, delete_image: 0, deindex: 0 },
    requests: {},
    decided: { audits: 0, checks: {} },
    isPart: false,
    ...more,
  };
}

describe('the plan for repair mode', () => {
  it('of nothing is nothing, in no time', () => {
    expect(planRepairMode(found([]), settings)).toMatchObject({
      entities: 0,
      hours: 0,
      // Of bounds that are alike the first is named.
      limitedBy: 'audits',
      requests: {},
      checks: [],
    });
  });

  it('counts an entity for each of its checks, and for one alone where that is all', () => {
    const groups = [group(['index.order'], 3), group(['index.order', 'index.value'], 2)];
    expect(planRepairMode(found(groups), settings)).toMatchObject({
      entities: 5,
      checks: [
        { check: 'index.value', entities: 2, alone: 0, events: { index: 2 } },
        { check: 'index.order', entities: 5, alone: 3, events: { index: 5 } },
      ],
    });
  });

  it('has the checks first that touch no image: the cheap and certain ones', () => {
    const groups = [
      group(['files.extra_image'], 1, { copiesAway: 2, deletions: 3 }),
      group(['files.image'], 2, { copiesHere: 4 }),
      group(['orphan.index_json'], 7, { live: 0, deindexes: 7 }),
      // An entity waits for other checks' repairs as well: an index is all that this one asks for.
      group(['xml.value'], 9, { copiesHere: 1, copiesAway: 1, deletions: 1 }),
    ];
    const none = { index: 0, copy_image: 0, delete_image: 0, deindex: 0 };
    expect(planRepairMode(found(groups), settings).checks.map(({ check, events }) => [check, events])).toEqual([
      ['orphan.index_json', { ...none, deindex: 7 }],
      ['xml.value', { ...none, index: 9 }],
      ['files.extra_image', { ...none, index: 1, copy_image: 2, delete_image: 3 }],
      ['files.image', { ...none, index: 2, copy_image: 4 }],
    ]);
  });

  it('has checks of as many entities in the catalogue’s order', () => {
    const groups = [group(['index.order'], 1), group(['index.value'], 1)];
    expect(planRepairMode(found(groups), settings).checks.map(({ check }) => check)).toEqual([
      'index.value',
      'index.order',
    ]);
  });

  it('counts the audits before, what the events send, and the audits after', () => {
    const events = { index: 10, copy_image: 2, delete_image: 3, deindex: 1 };
    const requests = { metadata: 12, download: 9 };
    expect(planRepairMode(found([group(['index.value'], 10)], { events, requests }), settings)).toMatchObject({
      imagesCopied: 2,
      imagesDeleted: 3,
      requests: { metadata: 12 + 10 + 2 * 3, download: 9, tasks: 3, put: 20, copy: 2, delete: 4, ws: 10 + 10 },
    });
  });

  it.each([
    [{ auditsPerHour: 10 }, 200, 'audits'],
    [{ archiveRequestsPerSecond: 1 / 3600 }, 3000, 'archive'],
    [{ webServiceRequestsPerSecond: 1 / 3600 }, 2000, 'web_service'],
    [{ maxWaitingRepairs: 1, tickSeconds: 3600 }, 1000, 'waiting_repairs'],
  ] as const)('takes as long as its narrowest place: %j', (narrow, hours, limitedBy) => {
    const events = { index: 1000, copy_image: 0, delete_image: 0, deindex: 0 };
    const plan = planRepairMode(found([group(['index.value'], 1000)], { events }), { ...settings, ...narrow });
    expect(plan.hours).toBeCloseTo(hours);
    expect(plan.limitedBy).toBe(limitedBy);
  });

  it('plans an index for a check that the catalogue does not have any more', () => {
    const { checks } = planRepairMode(found([group(['index.gone'], 1, { deletions: 1 })]), settings);
    expect(checks).toMatchObject([{ check: 'index.gone', events: { index: 1, delete_image: 0 } }]);
  });

  it('puts the breaker on at its share exactly, and has shares of nothing be 0', () => {
    const decided = { audits: 4, checks: { 'index.value': 2 } };
    const { checks } = planRepairMode(found([group(['index.value'], 1, { live: 0 })], { decided }), settings);
    expect(checks).toMatchObject([{ shareOfDecided: 0.5, shareOfWaiting: 0, breaks: true }]);
    const [orphans] = planRepairMode(found([group(['orphan.index_json'], 1, { live: 0 })]), settings).checks;
    expect(orphans).toMatchObject({ shareOfDecided: 0, shareOfWaiting: 0, breaks: false });
  });

  it('says which check puts the breaker on: by all audits, or by those that come one after the other then', () => {
    const groups = [
      group(['index.url_scheme'], 60),
      group(['index.value'], 30),
      group(['xml.value'], 10),
      // Of orphans the breaker sees nothing.
      group(['orphan.index_json'], 500, { live: 0 }),
    ];
    const decided = { audits: 1000, checks: { 'index.url_scheme': 900, 'index.value': 30, 'xml.value': 510 } };
    const { checks } = planRepairMode(found(groups, { decided }), settings);
    expect(
      checks.map(({ check, shareOfDecided, shareOfWaiting, breaks }) => [
        check,
        shareOfDecided,
        shareOfWaiting,
        breaks,
      ]),
    ).toEqual([
      ['xml.value', 0.51, 0.1, true],
      ['index.value', 0.03, 0.3, false],
      ['index.url_scheme', 0.9, 0.6, false],
      ['orphan.index_json', 0, 0, false],
    ]);
    const [most] = planRepairMode(found([group(['index.order'], 5)], { decided }), settings).checks;
    expect(most).toMatchObject({ shareOfDecided: 0, shareOfWaiting: 1, breaks: true });
  });
});
