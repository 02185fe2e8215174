import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { releaseBrake } from '../../../src/database/brakes/stored-brakes.ts';
import { paceTick } from '../../../src/database/pace/pace-tick.ts';
import { readBrakes } from '../../../src/database/pace/read-brakes.ts';
import type { Policy } from '../../../src/domain/checks/finding.ts';
import { createTestDatabase } from '../../support/database.ts';
import { settingsWith } from './settings.ts';

const { db } = await createTestDatabase();

let now: number;
beforeEach(async () => {
  await db.query(
    `truncate artwork_reconciler.audit_entity, artwork_reconciler.audit, artwork_reconciler.brake,
       artwork_reconciler.pace cascade`,
  );
  await db.query('insert into artwork_reconciler.pace default values');
  await db.query(
    `insert into artwork_reconciler.audit_entity (entity_type, gid)
     select 'release', gen_random_uuid() from generate_series(1, 100)`,
  );
  now = Date.UTC(2026, 2, 28);
});

interface Audited {
  readonly identity?: string | null;
  readonly cause?: string;
  readonly findings?: readonly (readonly [check: string, policy: Policy])[];
}

/** Obstacles that are nobody's fault, and pass. */
const passing = ['pending_events', 'cool_down', 'keys_refused', 'settling', 'stopped', 'window'] as const;

/** Writes the history of so many audits. */
async function audited(count: number, { identity = 'live', cause, findings = [] }: Audited = {}): Promise<void> {
  await db.query(
    `insert into artwork_reconciler.audit (audit_entity_id, asked_by, run_id, identity, decision, cause, findings, started_at)
     select (select min(id) from artwork_reconciler.audit_entity), 'pacer', $1, $2,
            case when $3::text is null then 'clean' else 'not_now' end::artwork_reconciler.audit_decision, $3, $4::jsonb, now()
     from generate_series(1, $5::int)`,
    [
      randomUUID(),
      identity,
      cause ?? null,
      JSON.stringify(findings.map(([check, policy]) => ({ check, policy }))),
      count,
    ],
  );
}

async function tick(given: Parameters<typeof settingsWith>[0] = {}, minutes = 1): Promise<number> {
  now += minutes * 60_000;
  // The window of 20 is half full with 10.
  const settings = settingsWith({ mode: 'repair', perHour: 60, breakerShare: 0.5, breakerWindow: 20, ...given });
  const { claimed } = await paceTick(db, { now: new Date(now) }, settings);
  await db.query(`update artwork_reconciler.audit_entity set status = 'unchecked' where status = 'audit_in_progress'`);
  return claimed.length;
}

async function breaker(): Promise<string | null> {
  const brakes = await readBrakes(db, settingsWith());
  return brakes.find(({ name }) => name === 'breaker')?.reason ?? null;
}

async function breakerStops(mode: 'repair' | 'report'): Promise<string | undefined> {
  const brakes = await readBrakes(db, settingsWith({ mode }));
  return brakes.find(({ name }) => name === 'breaker')?.stops;
}

describe('the breaker', () => {
  test('stops audits when half of the recent ones of live entities share a finding', async () => {
    await audited(10, { findings: [['index.value', 'index']] });
    await audited(10);
    expect(await tick()).toBe(0);
    expect(await breaker()).toMatch(/^10 of the last 20 audits of live entities found index\.value/);
  });

  test('does not for less than that share, nor for several findings that only together have it', async () => {
    await audited(9, { findings: [['index.value', 'index']] });
    await audited(2, { findings: [['xml.value', 'index']] });
    await audited(9);
    expect(await tick()).toBe(1);
    expect(await breaker()).toBeNull();
  });

  test('looks at the last ones only, and not before the window is half full', async () => {
    await audited(50, { findings: [['index.value', 'index']] });
    await audited(20);
    expect(await tick()).toBe(1);
    await db.query('truncate artwork_reconciler.audit cascade');
    await audited(9, { findings: [['index.value', 'index']] });
    expect(await tick()).toBe(1);
    await audited(1, { findings: [['index.value', 'index']] });
    expect(await tick()).toBe(0);
  });

  test.each<[string, Audited]>([
    ['findings that are only reported', { findings: [['files.thumbnail', 'report']] }],
    ['the http: addresses of the old indexer', { findings: [['index.url_scheme', 'index']] }],
    ['its address of the entity', { findings: [['index.entity_url', 'index']] }],
    ['its two thumbnails', { findings: [['index.image_shape', 'index']] }],
    ['its ids as texts', { findings: [['index.value_type', 'index']] }],
    ['files from before there was an XML', { findings: [['files.mb_metadata', 'index']] }],
    ['findings of orphans', { identity: 'merged', findings: [['orphan.index_json', 'deindex']] }],
    ...passing.map((cause): [string, Audited] => [`audits that were put off: ${cause}`, { identity: null, cause }]),
  ])('doesn’t mind %s', async (_, given) => {
    await audited(20, given);
    expect(await tick()).toBe(1);
  });

  test('names the finding that most have, however many have another', async () => {
    await audited(8, { findings: [['index.value', 'index']] });
    await audited(10, { findings: [['xml.value', 'index']] });
    await audited(2);
    expect(await tick()).toBe(0);
    expect(await breaker()).toMatch(/^10 of the last 20 audits of live entities found xml\.value/);
  });

  test('counts a finding once an audit', async () => {
    await audited(5, {
      findings: [
        ['index.value', 'index'],
        ['index.value', 'index'],
      ],
    });
    await audited(15);
    expect(await tick()).toBe(1);
  });

  test('stops audits when half of all could not be judged', async () => {
    await audited(8, { identity: 'deleted' });
    await audited(10, { identity: null, cause: 'unreadable' });
    expect(await tick()).toBe(0);
    expect(await breaker()).toMatch(/^10 of the last 18 audits could not be judged/);
  });

  test('stays on until an operator releases it, and what tripped it doesn’t trip it again', async () => {
    await audited(20, { findings: [['index.value', 'index']] });
    expect(await tick()).toBe(0);
    await audited(50);
    expect(await tick()).toBe(0);
    await releaseBrake(db, { name: 'breaker', by: { actor: 'alice' } });
    expect(await tick()).toBe(1);
    await audited(10, { findings: [['index.value', 'index']] });
    expect(await tick()).toBe(0);
  });

  test.each<[string, Audited]>([
    ['a finding', { findings: [['index.value', 'index']] }],
    ['audits that could not be judged', { identity: null, cause: 'unreadable' }],
  ])('is not put on again after its release by what put it on: %s', async (_what, audit) => {
    await audited(20, audit);
    expect(await tick()).toBe(0);
    await releaseBrake(db, { name: 'breaker', by: { actor: 'alice' } });
    expect(await tick()).toBe(1);
    await audited(10, audit);
    expect(await tick()).toBe(0);
  });

  test('lets one audit through each probe_minutes, and is released by ten consecutive ones that don’t show it', async () => {
    const probing = { probeMinutes: 30 };
    await audited(20, { findings: [['index.value', 'index']] });
    expect(await tick(probing)).toBe(0);
    expect(await tick(probing, 29)).toBe(0);
    expect(await tick(probing)).toBe(1);
    expect(await tick(probing)).toBe(0);
    expect(await tick(probing, 30)).toBe(1);

    await audited(9);
    expect(await tick(probing)).toBe(0);
    // The tenth shows it again; so all ten start again.
    await audited(1, { findings: [['index.value', 'index']] });
    await audited(9);
    expect(await tick(probing)).toBe(0);
    expect(await breaker()).not.toBeNull();
    await audited(1);
    expect(await tick(probing)).toBe(1);
    expect(await breaker()).toBeNull();
  });

  test('is released by none that were there when it was put on, nor by those that could not have shown it', async () => {
    const probing = { probeMinutes: 30 };
    await audited(10, { findings: [['index.value', 'index']] });
    await audited(10);
    expect(await tick(probing)).toBe(0);
    expect(await tick(probing)).toBe(0);
    await audited(10, { identity: 'merged' });
    await audited(10, { identity: 'live', cause: 'settling' });
    expect(await tick(probing)).toBe(0);
    expect(await breaker()).not.toBeNull();
  });

  test('lets one through again where the clock was set back meanwhile', async () => {
    const probing = { probeMinutes: 30 };
    await audited(20, { findings: [['index.value', 'index']] });
    expect(await tick(probing)).toBe(0);
    expect(await tick(probing, 30)).toBe(1);
    expect(await tick(probing, -10_000)).toBe(0);
    expect(await tick(probing, 30)).toBe(1);
  });

  test('that could not judge is released by ten that could', async () => {
    const probing = { probeMinutes: 30 };
    await audited(20, { identity: null, cause: 'unreadable' });
    expect(await tick(probing)).toBe(0);
    await audited(10, { identity: 'live' });
    expect(await tick(probing)).toBe(1);
    expect(await breaker()).toBeNull();
  });

  test('probes nothing while another brake is on', async () => {
    const probing = { probeMinutes: 30 };
    await audited(20, { findings: [['index.value', 'index']] });
    expect(await tick(probing)).toBe(0);
    expect(await tick({ ...probing, enabled: false }, 31)).toBe(0);
    expect(await tick(probing)).toBe(1);
  });
});

describe('the breaker in report mode, where nothing is queued', () => {
  const report = { mode: 'report' } as const;

  test('warns of a finding that many share, and audits continue', async () => {
    await audited(20, { findings: [['index.value', 'index']] });
    expect(await tick(report)).toBe(1);
    expect(await breaker()).toMatch(/^20 of the last 20 audits of live entities found index\.value/);
    expect(await breakerStops('report')).toBe('nothing');
    await audited(5);
    expect(await tick(report)).toBe(1);
    // It is the same warning still, as it was first said.
    expect(await breaker()).toMatch(/^20 of the last 20/);
  });

  test('stops audits by the same warning once the mode is repair', async () => {
    await audited(20, { findings: [['index.value', 'index']] });
    expect(await tick(report)).toBe(1);
    expect(await breakerStops('repair')).toBe('audits');
    expect(await tick({ mode: 'repair' })).toBe(0);
  });

  test('warns no more once the share has gone down, and of what is common then', async () => {
    await audited(20, { findings: [['index.value', 'index']] });
    await tick(report);
    await audited(20, { findings: [['xml.value', 'index']] });
    await tick(report);
    expect(await breaker()).toMatch(/found xml\.value/);
    await audited(20);
    await tick(report);
    expect(await breaker()).toBeNull();
  });

  test('stops audits where too many could not be judged, also while it warns of a finding', async () => {
    await audited(20, { findings: [['index.value', 'index']] });
    expect(await tick(report)).toBe(1);
    await audited(12, { identity: null, cause: 'unreadable' });
    expect(await tick(report)).toBe(0);
    expect(await breaker()).toMatch(/^12 of the last 20 audits could not be judged/);
    expect(await breakerStops('report')).toBe('audits');
  });
});
