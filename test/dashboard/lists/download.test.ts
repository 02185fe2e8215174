import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DashboardEnv } from '../../../src/dashboard/environment.ts';
import { download, fileOf } from '../../../src/dashboard/lists/downloads.tsx';
import type { Database } from '../../../src/database/connection.ts';
import { serveAt } from '../../../src/lifetime/serve-at.ts';
import { dashboardParts } from '../../support/dashboard.ts';

const numbers = { name: 'numbers', columns: [{ name: 'number', value: (n: number) => n }] };

/** A server that gives these pages as `/numbers.csv` and `/numbers.json`. */
async function serving(pages: () => AsyncGenerator<readonly number[]>) {
  const parts = dashboardParts({ db: {} as Database });
  const app = new Hono<DashboardEnv>();
  app.use(async (c, next) => {
    c.set('parts', parts);
    await next();
  });
  app.get('/numbers.csv', (c) => download(c, fileOf('csv', numbers), pages()));
  app.get('/numbers.json', (c) => download(c, fileOf('json', numbers), pages()));
  const listening = await serveAt(app, '127.0.0.1:0', '[dashboard] listen');
  onTestFinished(() => listening.close());
  const get = (path: string, signal?: AbortSignal) =>
    fetch(`http://${listening.address}${path}`, { signal: signal ?? null });
  return { get, logged: parts.logged };
}

describe('a list as a file', () => {
  const two = async function* () {
    yield [1, 2];
    yield [];
    yield [3];
  };

  test.each([
    ['/numbers.csv', 'text/csv; charset=utf-8', 'numbers.csv', 'number\n1\n2\n3\n'],
    [
      '/numbers.json',
      'application/x-ndjson; charset=utf-8',
      'numbers.jsonl',
      '{"number":1}\n{"number":2}\n{"number":3}\n',
    ],
  ])('%s has all of its pages, one after the other', async (path, type, name, text) => {
    const { get, logged } = await serving(two);
    const answer = await get(path);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
    expect((await answer.text()).replaceAll('\r\n', '\n')).toBe(text);
    expect(logged).toEqual([]);
  });

  test.each([1, 2, 3, 50])('that breaks off after page %d doesn’t look whole, and is in the log', async (whole) => {
    const { get, logged } = await serving(async function* () {
      for (let n = 0; n < whole; n += 1) yield Array.from({ length: 2000 }, (_, row) => n * 2000 + row);
      throw new Error('the database is away');
    });
    await expect(get('/numbers.csv').then((answer) => answer.text())).rejects.toThrow(/terminated|fetch failed/);
    expect(logged).toEqual([expect.stringContaining('download broken off')]);
  });

  test('that nobody takes any more is read no further', async () => {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const { get, logged } = await serving(async function* () {
      try {
        for (;;) yield Array.from({ length: 10_000 }, (_, row) => row);
      } finally {
        end();
      }
    });
    const stop = new AbortController();
    await get('/numbers.csv', stop.signal);
    stop.abort();
    await ended;
    expect(logged).toEqual([]);
  });
});
