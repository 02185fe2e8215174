import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { findProgram, testsNeed } from '../support/needed-programs.ts';
import { grafanaDashboard } from './grafana-schema.ts';
import { prometheusFolder, readAlerts, readAlertTests, readGrafanaDashboard } from './monitoring-files.ts';

/** @throws {Error} with what it found */
async function promtool(...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)(findProgram('promtool') ?? 'promtool', args, { cwd: prometheusFolder })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${stdout}${stderr}`, { cause: error });
  }
}

describe('the alert rules, by Prometheus’ own tool,', () => {
  testsNeed('promtool');

  test('are what Prometheus takes', async () => {
    expect(await promtool('check', 'rules', 'alerts.yml')).toContain('SUCCESS');
  });

  test('are on when they should be, and off when not', async () => {
    expect(await promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  }, 120_000);
});

describe('the dashboard for Grafana, by the same tool,', () => {
  testsNeed('promtool');

  test('asks nothing that Prometheus can’t read', async () => {
    const expressions = readGrafanaDashboard().panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(30);
    // As Grafana fills it in before it asks.
    const rules = expressions.map((expr, n) => ({
      record: `query_${n}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }));
    const folder = await mkdtemp(join(tmpdir(), 'ar-grafana-'));
    try {
      const file = join(folder, 'queries.yml');
      await writeFile(file, stringify({ groups: [{ name: 'queries', rules }] }));
      expect(await promtool('check', 'rules', file)).toContain(`SUCCESS: ${rules.length} rules found`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the alert rules', () => {
  const tests = readAlertTests();
  test.each(readAlerts().map(({ alert }) => alert))('%s has a test of being on, and one of staying off', (alert) => {
    expect(tests.filter((one) => one.alert === alert).map(({ isOn }) => isOn)).toEqual([true, false]);
  });
});

test('docs/monitoring.md says of each alert what to do, and of no other', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/monitoring.md'), 'utf8');
  const explained = [...page.matchAll(/^\| `([A-Z]\w+)` \| \S.*\|$/gm)].map(([, alert]) => alert!);
  expect(explained).toEqual(readAlerts().map(({ alert }) => alert));
});

describe('the dashboard for Grafana', () => {
  const { panels, templating } = readGrafanaDashboard();

  test('has panels of different numbers, none on top of another, all within the grid', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x} ${y}`), `${title} lies on another panel`).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });

  test('is what Grafana takes, by its schema', () => {
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(grafanaDashboard);
    validate(readGrafanaDashboard());
    expect(validate.errors ?? []).toEqual([]);
    // Of what Grafana would not take, or would pass over without a word.
    const [, first, ...rest] = panels;
    const broken = [
      { ...first, type: 'graph' },
      { ...first, optoins: {} },
      { ...first, gridPos: { h: 1, w: 25, x: 0, y: 0 } },
    ];
    for (const panel of broken) expect(validate({ ...readGrafanaDashboard(), panels: [panel, ...rest] })).toBe(false);
  });

  test('has no two queries of one name in a panel, and a variable for each that it names', () => {
    for (const { title, targets = [] } of panels) {
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
    }
    const named = [...JSON.stringify(panels).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!);
    const known = templating.list.map(({ name }) => name);
    expect([...new Set(named)].filter((name) => !name.startsWith('__'))).toEqual(known);
  });

  test('asks the Prometheus that is chosen in it', () => {
    expect(templating.list).toMatchObject([{ name: 'datasource', type: 'datasource' }]);
    const sources = panels.flatMap((panel) => ('datasource' in panel ? [panel.datasource] : []));
    expect(new Set(sources.map((source) => JSON.stringify(source)))).toEqual(
      new Set([JSON.stringify({ type: 'prometheus', uid: '${datasource}' })]),
    );
  });
});
