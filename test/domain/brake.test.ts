import { describe, expect, test } from 'vitest';
import {
  auditableTypes,
  type Brake,
  brakedType,
  computedBrakeNames,
  inUtc,
  keysBrake,
  pauseBrake,
  pausedBy,
  pauseKinds,
  probedBrakes,
  storedBrakeNames,
  whatStops,
  windowBrake,
  writesBrake,
} from '../../src/domain/brake.ts';
import { entityTypes, projects } from '../../src/domain/entity.ts';

const brake = (name: Brake['name'], stops: Brake['stops']): Brake => ({ name, reason: 'a test', since: null, stops });

describe.each(pauseKinds)('a pause of %s', (what) => {
  test.each([null, ...entityTypes])('of %s stops these, and is known as one', (entityType) => {
    const name = pauseBrake(what, entityType);
    expect(storedBrakeNames).toContain(name);
    expect(whatStops(name)).toBe(what);
    expect(pausedBy(name)).toBe(what);
    expect(brakedType(name)).toBe(entityType);
  });
});

describe.each(entityTypes)('for the archive of %s', (entityType) => {
  const project = projects[entityType].name;

  test('refused keys and writes that fail alike stop its events, and one of them is tried now and then', () => {
    const names = [keysBrake(project), writesBrake(project)];
    expect(probedBrakes(project)).toEqual(names);
    for (const name of names) {
      expect(storedBrakeNames).toContain(name);
      expect([whatStops(name), pausedBy(name), brakedType(name)]).toEqual(['events', null, entityType]);
    }
  });

  test.each(['audits', 'events'] as const)('a window without %s is a brake of its own', (what) => {
    expect(computedBrakeNames).toContain(windowBrake(what, entityType));
    expect(brakedType(windowBrake(what, entityType))).toBe(entityType);
    expect(computedBrakeNames).toContain(windowBrake(what, null));
    expect(brakedType(windowBrake(what, null))).toBeNull();
  });

  test('what keeps its audits alone from being started leaves those of others', () => {
    const others = entityTypes.filter((type) => type !== entityType);
    expect(auditableTypes([brake(pauseBrake('audits', entityType), 'audits')])).toEqual(others);
    expect(auditableTypes([brake(windowBrake('audits', entityType), 'audits_and_events')])).toEqual(others);
    expect(auditableTypes([brake(keysBrake(project), 'events')])).toEqual(entityTypes);
  });
});

test('stuck events only warn; the breaker, and a database that the web service contradicts, stop audits', () => {
  expect(whatStops('events_stuck')).toBe('nothing');
  expect(whatStops('breaker')).toBe('audits');
  expect(whatStops('database_and_ws_disagree')).toBe('audits');
});

test('audits of all types may be started while no brake stops them, and of none while one of all does', () => {
  expect(auditableTypes([])).toEqual(entityTypes);
  expect(auditableTypes([brake('events_paused', 'events'), brake('breaker', 'nothing')])).toEqual(entityTypes);
  const all = brake('too_many_repairs_waiting', 'audits');
  expect(auditableTypes([all])).toEqual([]);
  expect(auditableTypes([all, ...entityTypes.map((type) => brake(pauseBrake('audits', type), 'audits'))])).toEqual([]);
});

test('a moment in a reason is to the second, with its zone', () => {
  expect(inUtc(new Date('2026-01-31T12:00:00.999+01:00'))).toBe('2026-01-31 11:00:00 UTC');
});
