import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';

const folder = resolve(import.meta.dirname, '../../deployment');

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

export const prometheusFolder = resolve(folder, 'prometheus');

export function readAlerts(): readonly AlertRule[] {
  const { groups } = parse(readFileSync(resolve(prometheusFolder, 'alerts.yml'), 'utf8')) as {
    groups: { rules: AlertRule[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

/** What `promtool test rules` is told: of which alert, and whether it is to be on. */
export function readAlertTests(): readonly { alert: string; isOn: boolean }[] {
  const { tests } = parse(readFileSync(resolve(prometheusFolder, 'alerts.test.yml'), 'utf8')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
  };
  return tests.flatMap(({ alert_rule_test: rules }) =>
    rules.map(({ alertname, exp_alerts: expected }) => ({ alert: alertname, isOn: expected.length > 0 })),
  );
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
}

export interface GrafanaDashboard {
  readonly uid: string;
  readonly title: string;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly Panel[];
}

export function readGrafanaDashboard(): GrafanaDashboard {
  return JSON.parse(readFileSync(resolve(folder, 'grafana/artwork-reconciler.json'), 'utf8')) as GrafanaDashboard;
}

/**
 * The names of the metrics in an expression: what is neither a function nor a keyword, a label or a text. `up` is
 * Prometheus' own, made by every scrape.
 */
export function metricNames(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  const words = [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\s*\()\b(?!\s*\()/g)].map(([word]) => word);
  return [...new Set(words.filter((word) => !keywords.has(word)))];
}

const keywords = new Set(['and', 'or', 'unless', 'bool', 'up', 'by', 'on']);
