import { describe, expect, test, vi } from 'vitest';
import { openBudget } from '../../src/clients/budget.ts';
import { CoolDownError, UnreadableError } from '../../src/clients/errors.ts';
import { openHttp } from '../../src/clients/http-client.ts';
import { type CoolDown, readCoolDown } from '../../src/database/brakes/budget.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { projects } from '../../src/domain/entity.ts';
import { patience } from '../support/patience.ts';
import { startAnsweringServer } from './answering-server.ts';
import { atTheSimulator, clientsOf, gid, item, otherGid } from './at-the-simulator.ts';

const at = atTheSimulator();
const { release } = projects;
const body = Buffer.from('{}');

/** The cool-down that is in force or was last. */
async function lastCoolDown(): Promise<{ streak: number; seconds: number | null }> {
  const { rows } = await at.db.query<{ streak: number; seconds: number | null }>(
    `select cool_down_streak as streak, extract(epoch from cool_down_until - clock_timestamp())::float8 as seconds
     from artwork_reconciler.budget where service = 'archive'`,
  );
  return rows[0] ?? { streak: 0, seconds: null };
}

const coolDown = (): Promise<CoolDown | null> => readCoolDown(at.db, 'archive');

describe('a service that asks for a pause', () => {
  test.each(['metadata', 'put'] as const)('by 429 to %s gets one, and then is asked again', async (kind) => {
    Object.assign(at.simulator.faults, { tooManyRequests: { next: 2, kinds: [kind] }, retryAfter: 'never' });
    const clients = at.clients();
    if (kind === 'put') await clients.writer.putIndex(release, gid, body);
    else await clients.reader.observe(gid);
    const [first, second, third] = at.requests();
    expect([first!.status, second!.status, third!.status]).toEqual([429, 429, 200]);
    // 50 ms as configured, doubled for the second of a streak.
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(50);
    expect(third!.at - second!.at).toBeGreaterThanOrEqual(100);
    expect(await lastCoolDown()).toMatchObject({ streak: 0, seconds: null });
  });

  test('of a short one again and again is left alone in the end, and nobody is kept waiting in place', async () => {
    // Others are answered in between: no pause is longer than the first.
    const server = await startAnsweringServer((_request, response) => {
      const answered = at.db.query('update artwork_reconciler.budget set cool_down_streak = 0');
      void answered.finally(() => response.writeHead(429).end());
    });
    const budget = openBudget(at.db, 'archive', {
      requestsPerSecond: 1000,
      coolDownSeconds: 0.05,
      longestWaitSeconds: 0.3,
    });
    const http = openHttp(budget, { userAgent: 'a test' });
    const asked = http.send({ kind: 'metadata', method: 'GET', url: server.url });
    await expect(asked).rejects.toThrow(CoolDownError);
    expect(server.received.length).toBeGreaterThan(1);
  });

  test('gets as long a one as Retry-After says, and no request is made meanwhile', async () => {
    Object.assign(at.simulator.faults, { tooManyRequests: { next: 1 }, retryAfter: 'always', retryAfterSeconds: 5 });
    await at.clients().reader.observe(gid);
    const [first, second] = at.requests();
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(5000);
  });

  test.each([
    ['429', { tooManyRequests: { next: 1 } }],
    ['503 with Retry-After', { serviceUnavailable: { next: 1 } }],
  ])('for more than two minutes by %s gets it without anybody waiting in place', async (_status, fault) => {
    Object.assign(at.simulator.faults, { ...fault, retryAfter: 'always', retryAfterSeconds: 300 });
    const error: unknown = await at
      .clients()
      .reader.observe(gid)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CoolDownError);
    expect((error as CoolDownError).waitSeconds).toBeGreaterThan(295);
    expect((error as CoolDownError).waitSeconds).toBeLessThanOrEqual(300);
    // Nor does any other process ask, whatever it wants.
    const elsewhere = openDatabase({ connectionString: at.url });
    await expect(at.clients({}, elsewhere).writer.putIndex(release, otherGid, body)).rejects.toThrow(CoolDownError);
    await elsewhere.close();
    expect(at.requests()).toHaveLength(1);
    expect(await coolDown()).toMatchObject({ streak: 1 });
  });

  test('by a bare 503 has a fault like any other, and nobody pauses', async () => {
    Object.assign(at.simulator.faults, { serviceUnavailable: 1, retryAfter: 'never' });
    await expect(at.clients().reader.observe(gid)).rejects.toThrow(UnreadableError);
    expect(await lastCoolDown()).toMatchObject({ streak: 0, seconds: null });
  });
});

test.each([
  ['500 that names a time', 500, { 'retry-after': '300' }, ''],
  ['404 that names one', 404, { 'retry-after': '300' }, ''],
  ['SlowDown with 500', 500, {}, '<Error><Code>SlowDown</Code></Error>'],
  ['SlowDown with 403', 403, {}, '<Error><Code>SlowDown</Code></Error>'],
  ['SlowDown with 300', 300, {}, '<Error><Code>SlowDown</Code></Error>'],
])('%s asks nobody for a pause', async (_what, status, headers, text) => {
  const server = await startAnsweringServer((_request, response) => response.writeHead(status, headers).end(text));
  const { reader } = clientsOf(at.db, { ARCHIVE_URL: server.url });
  await expect(reader.observe(gid)).rejects.toThrow(UnreadableError);
  expect(server.received).toHaveLength(1);
  expect(await lastCoolDown()).toMatchObject({ streak: 0, seconds: null });
});

describe('SlowDown', () => {
  const slowed = { slowDownSeconds: 3600, retryAfter: 'always', retryAfterSeconds: 300 } as const;

  test.each(['account', 'global'] as const)('of the %s limit cools everything down', async (slowDownReason) => {
    Object.assign(at.simulator.faults, { ...slowed, slowDown: { next: 1 }, slowDownReason });
    await expect(at.clients().writer.putIndex(release, gid, body)).rejects.toThrow(CoolDownError);
    expect(at.requests().map(({ kind }) => kind)).toEqual(['put', 'check_limit']);
    expect(at.requests()[1]!.url).toBe(`/s3-limit/?check_limit=1&accesskey=caa-access&bucket=${item}`);
    await expect(at.clients().reader.observe(otherGid)).rejects.toThrow(CoolDownError);
    expect((await coolDown())?.reason).toMatch(/^HTTP 503 SlowDown: .+ \(PUT http.+, RequestId /);
  });

  const within = { accesskey_tasks_queued: 1, accesskey_ration: 10, total_tasks_queued: 1, total_global_limit: 10 };
  const full = { bucket_tasks_queued: 10, bucket_ration: 10 };

  test.each([
    ['the bucket is at its limit', { ...within, ...full }, 'item'],
    ['the bucket is above it, in texts', { ...within, bucket_tasks_queued: '11', bucket_ration: '10' }, 'item'],
    ['nothing is told of the others', full, 'item'],
    ['the bucket is below it', { ...within, ...full, bucket_tasks_queued: 9 }, 'account'],
    ['nothing is told of the bucket', within, 'account'],
    ['the bucket’s limit is not told', { ...within, bucket_tasks_queued: 10 }, 'account'],
    ['the account is at its own, too', { ...within, ...full, accesskey_tasks_queued: 10 }, 'account'],
    ['all together are at theirs, too', { ...within, ...full, total_tasks_queued: 10 }, 'account'],
  ] as const)('is of the bucket alone or of everybody, where %s', async (_what, detail, scope) => {
    const server = await startAnsweringServer((_request, response) => response.end(JSON.stringify({ detail })));
    const clients = clientsOf(at.db, { S3_LIMIT_URL: server.url });
    expect(await clients.limits.slowDownScope(release, item)).toBe(scope);
    expect(clients.counts()).toEqual({ check_limit: 1 });
    const without = clientsOf(at.db, { S3_LIMIT_URL: server.url, S3_CAA_SECRET: '' });
    expect(await without.limits.slowDownScope(release, item)).toBe('account');
    expect(server.received).toHaveLength(1);
  });

  test('of a read, of which no limit can be asked, cools everything down', async () => {
    const server = await startAnsweringServer((_request, response) =>
      response.writeHead(503, { 'retry-after': '300' }).end('<Error><Code>SlowDown</Code></Error>'),
    );
    await expect(clientsOf(at.db, { ARCHIVE_URL: server.url }).reader.observe(gid)).rejects.toThrow(CoolDownError);
    expect(server.received).toHaveLength(1);
    expect(await coolDown()).not.toBeNull();
  });

  test('without a reason from check_limit cools everything down, too', async () => {
    Object.assign(at.simulator.faults, { ...slowed, slowDownItem: [item], checkLimitSilent: 1 });
    await expect(at.clients().writer.putIndex(release, gid, body)).rejects.toThrow(CoolDownError);
    expect(await coolDown()).not.toBeNull();
  });

  test('with a check_limit that answers with a fault does so as well', async () => {
    const server = await startAnsweringServer((_request, response) =>
      response.writeHead(500).end(JSON.stringify({ detail: { ...within, ...full } })),
    );
    expect(await clientsOf(at.db, { S3_LIMIT_URL: server.url }).limits.slowDownScope(release, item)).toBe('account');
  });

  test('is nobody’s where the work that asks for its limit is over', async () => {
    const keepAlive = (): Promise<never> => Promise.reject(new Error('the step is over'));
    const { limits } = at.clients({}, at.db, { keepAlive });
    await expect(limits.slowDownScope(release, item)).rejects.toThrow('the step is over');
  });

  test('with a check_limit that fails does so as well', async () => {
    Object.assign(at.simulator.faults, {
      ...slowed,
      slowDownItem: [item],
      connectionReset: { kinds: ['check_limit'] },
    });
    await expect(at.clients().writer.putIndex(release, gid, body)).rejects.toThrow(CoolDownError);
    expect(await coolDown()).not.toBeNull();
  });

  test('with a check_limit whose numbers are missing does so, too', async () => {
    const server = await startAnsweringServer((request, response) => {
      if (request.url.startsWith('/limit')) {
        response.end(JSON.stringify({ over_limit: 1, detail: { bucket_tasks_queued: null, bucket_ration: null } }));
      } else {
        response.writeHead(503, { 'retry-after': '300' }).end('<Error><Code>SlowDown</Code></Error>');
      }
    });
    const { writer } = clientsOf(at.db, {
      S3_URL: `${server.url}/{bucket}/{file}`,
      S3_LIMIT_URL: `${server.url}/limit`,
    });
    await expect(writer.putIndex(release, gid, body)).rejects.toThrow(CoolDownError);
    expect(server.received).toHaveLength(2);
  });

  test('of one bucket’s limit is that item’s trouble alone', async () => {
    Object.assign(at.simulator.faults, { ...slowed, slowDownItem: [item] });
    const { writer } = at.clients();
    await expect(writer.putIndex(release, gid, body)).rejects.toThrow(
      /slows this item down: HTTP 503 SlowDown.* \(PUT /,
    );
    expect(await coolDown()).toBeNull();
    await writer.putIndex(release, otherGid, body);
  });
});

test('a pause that begins while requests wait for their turns holds them back as well', async () => {
  // Turns 1.5 s apart: the second of these waits long enough to look again.
  const slow = at.clients({ ARCHIVE_REQUESTS_PER_SECOND: '0.7' });
  await slow.reader.observe(gid);
  const waiting = slow.writer.putIndex(release, gid, body).catch((thrown: unknown) => thrown);
  await vi.waitFor(async () => expect((await turnsTaken()) > 1).toBe(true), patience);
  const sent = at.requests().length;
  await at.db.query(
    `update artwork_reconciler.budget set cool_down_until = clock_timestamp() + interval '1 hour', cool_down_streak = 1`,
  );
  expect(await waiting).toBeInstanceOf(CoolDownError);
  expect(at.requests()).toHaveLength(sent);
});

/** Turns that are taken and not over yet. */
async function turnsTaken(): Promise<number> {
  const { rows } = await at.db.query<{ seconds: number }>(
    `select extract(epoch from next_free_at - clock_timestamp())::float8 as seconds from artwork_reconciler.budget`,
  );
  return (rows[0]?.seconds ?? 0) / 1.5;
}
