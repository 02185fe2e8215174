import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openDatabase, type Database } from '../../src/database/connection.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { createTestNamespace } from '../support/temporal.ts';
import { linesOf } from './documented-lines.ts';
import { endLines, startLine, type RunningLine } from './run-line.ts';
import { makeSandbox, type Sandbox } from './sandbox.ts';
import { longRunning } from './tables.ts';

// Two backfills, every entity audited twice, repairs in between; and each command takes long on a busy machine.
vi.setConfig({ testTimeout: 900_000 });

const page = readFileSync(resolve(import.meta.dirname, '../../docs/install.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(String.raw`^\`\`\`${language}\n([\s\S]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text!);

/** What the test does in the place of a line, and why. */
const otherwise: readonly { readonly line: RegExp; readonly why: string }[] = [
  { line: /^npm ci$/, why: 'needs a registry; it is what this run began with' },
  { line: /^npx artwork-reconciler demo/, why: 'is what test/processes/demo.long.test.ts runs' },
  { line: /^createdb /, why: 'an empty database of the run’s server stands in for it' },
  { line: /^temporal server start-dev /, why: 'the run’s dev server, which is started so, stands in for it' },
];

let sandbox: Sandbox;
let environment: Record<string, string>;
let db: Database;
beforeAll(async () => {
  sandbox = await makeSandbox();
  const { url } = await createEmptyDatabase();
  db = openDatabase({ connectionString: url });
  const { address, namespace } = await createTestNamespace();
  environment = { DATABASE_URL: url, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, DASHBOARD_LISTEN: '127.0.0.1:0' };
  const [ini] = blocks('ini');
  writeFileSync(join(sandbox.folder, 'config.ini'), ini!.replace(/^url = postgres:.*$/m, `url = ${url}`));
});
afterEach(endLines);
afterAll(async () => {
  await db.close();
  sandbox.remove();
});

test('docs/install.md leads, line by line, from an empty database to entities that are all settled', async () => {
  const up: RunningLine[] = [];
  for (const { line } of linesOf('docs/install.md')) {
    if (otherwise.some((each) => each.line.test(line))) continue;
    if (/ stop$/.test(line)) await untilSettledAsTheTableSays();
    const printed = await run(line, up);
    if (/backfill redirects$/.test(line)) await untilAllAreAudited();
    // A header, and what is found in report mode.
    if (/export --decision repair_queue$/.test(line)) expect(printed.split('\n').length).toBeGreaterThan(2);
  }
  for (const each of up.reverse()) {
    each.kill('SIGTERM');
    await each.expectDone();
  }
});

test.each(otherwise)('$line is not run: it $why', ({ line }) => {
  expect(linesOf('docs/install.md').filter((each) => line.test(each.line))).not.toEqual([]);
});

/** Runs a line to its end or, where it stays up, until it is. @returns what it printed */
async function run(line: string, up: RunningLine[]): Promise<string> {
  const running = startLine(line, sandbox, environment);
  const lasting = longRunning.find((each) => each.line.test(line));
  if (lasting === undefined) await running.expectDone();
  else {
    await running.untilPrinted(lasting.up);
    up.push(running);
    if (line.includes('simulator')) useAddressesOf(running.printed());
  }
  return running.printed();
}

/** What the simulator prints is what the page has, but for the ports. */
function useAddressesOf(printed: string): void {
  const file = join(sandbox.folder, 'config.ini');
  let text = readFileSync(file, 'utf8');
  const ports = [...printed.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port!);
  const node = /node_url = http:\/\/127\.0\.0\.1:(\d+)/.exec(printed)![1]!;
  const archive = ports.find((port) => port !== node)!;
  text = text.replaceAll('127.0.0.1:8090', `127.0.0.1:${archive}`).replaceAll('127.0.0.1:8091', `127.0.0.1:${node}`);
  for (const setting of printed.split('\n').filter((line) => line.includes(' = '))) expect(text).toContain(setting);
  writeFileSync(file, text);
}

async function untilAllAreAudited(): Promise<void> {
  const unaudited = `select count(*) from artwork_reconciler.audit_entity
                     where last_audit_at is null or status = 'audit_in_progress'`;
  await untilNone(unaudited);
}

async function untilSettledAsTheTableSays(): Promise<void> {
  await untilAllAreSettled();
  const [settled] = blocks('sql');
  const { rows } = await db.query<{ status: string; count: number }>(settled!);
  expect(rows.map(({ status }) => status)).toContain('clean');
}

async function untilAllAreSettled(): Promise<void> {
  await untilNone(`select count(*) from artwork_reconciler.audit_entity
                   where status not in ('clean', 'legacy', 'manual_review')`);
}

async function untilNone(query: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await db.query<{ count: number }>(query);
      expect(rows[0]!.count).toBe(0);
    },
    { timeout: 300_000, interval: 200 },
  );
}
