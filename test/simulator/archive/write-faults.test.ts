import { describe, expect, it } from 'vitest';
import { agent, authorization, errorCode, guestOf, identifier, making, otherIdentifier, ready } from './guest.ts';

const limit = (access: string, bucket: string) => `/s3-limit/?check_limit=1&accesskey=${access}&bucket=${bucket}`;

interface Limits {
  readonly over_limit: number;
  readonly detail: Readonly<Record<string, number | string>>;
}

describe('a write', () => {
  it('can fail without being done', async () => {
    const { simulator, put, names } = await guestOf({ faults: { writeError: 1 } });
    const codes = new Set<string | undefined>();
    for (let turn = 0; turn < 20; turn += 1) {
      const response = await put(identifier, 'index.json', '{}');
      expect(response.status).toBeGreaterThanOrEqual(500);
      codes.add(await errorCode(response));
    }
    expect([...codes].sort()).toEqual(['InternalError', 'ServiceUnavailable']);
    expect(names(identifier)).toEqual([]);
    expect(simulator.requests().put).toBe(20);
  });

  it('can be done though the client is told otherwise, or nothing', async () => {
    const { put, names } = await guestOf({ faults: { appliedThoughFailed: 1 } });
    const outcomes = new Set<number | string>();
    for (let turn = 0; turn < 20; turn += 1) {
      outcomes.add(
        await put(identifier, `${turn}.txt`, 'text').then(
          ({ status }) => status,
          () => 'reset',
        ),
      );
    }
    expect(outcomes).toEqual(new Set([500, 'reset']));
    expect(names(identifier)).toHaveLength(20);
  });

  it('can be sent on to another host, which wants body and key as the first one did', async () => {
    const { simulator, put, names } = await guestOf({ faults: { writeRedirect: 1 } });
    const response = await put(identifier, 'index.json', '{}');
    expect(response.status).toBe(307);
    expect(names(identifier)).toEqual([]);
    const location = response.headers.get('location') ?? '';
    expect(new URL(location).origin).not.toBe(simulator.urls.archive);
    const request = { method: 'PUT', body: '{}' };
    const keyless = await fetch(location, { ...request, headers: { ...agent, ...making } });
    expect(keyless.status).toBe(401);
    const followed = await fetch(location, { ...request, headers: { ...agent, ...making, ...authorization } });
    expect(followed.status).toBe(200);
    expect(names(identifier)).toEqual(['index.json']);
    expect(simulator.requests().put).toBe(3);
  });

  it('can meet a key that is refused from now on', async () => {
    const { put } = await guestOf({ faults: { keyRefused: ['caa'] } });
    const refused = await put(identifier, 'index.json', '{}', { authorization: 'LOW caa:x' });
    expect([refused.status, await errorCode(refused)]).toEqual([403, 'InvalidAccessKeyId']);
    expect((await put(identifier, 'index.json', '{}', { authorization: 'LOW eaa:x' })).status).toBe(200);
  });
});

describe('SlowDown', () => {
  it("lasts for a while, for one key's writes, and check_limit says whose limit it is", async () => {
    const { simulator, put, remove, getJson, clock } = await guestOf({ faults: { slowDownSeconds: 30 } });
    expect(await getJson(limit('access', identifier))).toMatchObject({
      accesskey: 'access',
      bucket: identifier,
      over_limit: 0,
    });
    simulator.faults.slowDown = { next: 1 };
    const refused = await put(identifier, 'index.json', '{}');
    expect([refused.status, await errorCode(refused)]).toEqual([503, 'SlowDown']);
    expect((await remove(otherIdentifier, 'index.json')).status).toBe(503);
    const { over_limit, detail } = (await getJson(limit('access', identifier))) as Limits;
    expect(over_limit).toBe(1);
    expect(detail['limit_reason']).toContain('accesskey');
    expect(detail['accesskey_tasks_queued']).toBe(detail['accesskey_ration']);
    expect(await getJson(limit('another', identifier))).toMatchObject({ over_limit: 0 });
    expect((await put(identifier, 'index.json', '{}', { authorization: 'LOW another:x' })).status).toBe(200);
    clock.pass(31);
    expect((await put(identifier, 'index.json', '{}', { authorization: 'LOW another:x' })).status).toBe(200);
    expect(await getJson(limit('access', identifier))).toMatchObject({ over_limit: 0 });
  });

  it("can be everybody's", async () => {
    const { put, getJson } = await guestOf({ faults: { slowDown: { next: 1 }, slowDownReason: 'global' } });
    await put(identifier, 'index.json', '{}');
    const { detail } = (await getJson(limit('access', identifier))) as Limits;
    expect(detail['total_tasks_queued']).toBe(detail['total_global_limit']);
    expect(detail['accesskey_tasks_queued']).toBeLessThan(Number(detail['accesskey_ration']));
  });

  it('can be for one item, for good', async () => {
    const { put, getJson } = await guestOf({ faults: { slowDownItem: [identifier] } });
    expect(await errorCode(await put(identifier, 'index.json', '{}'))).toBe('SlowDown');
    expect((await put(otherIdentifier, 'index.json', '{}')).status).toBe(200);
    const { over_limit, detail } = (await getJson(limit('access', identifier))) as Limits;
    expect(over_limit).toBe(1);
    expect(detail['bucket_tasks_queued']).toBe(detail['bucket_ration']);
    expect(await getJson(limit('access', otherIdentifier))).toMatchObject({ over_limit: 0 });
  });

  it('can stay unexplained', async () => {
    const { getJson } = await guestOf({ faults: { slowDownItem: [identifier], checkLimitSilent: 1 } });
    const answer = await getJson(limit('access', identifier));
    expect(answer).toMatchObject({ over_limit: 0 });
    expect(answer).not.toHaveProperty('detail');
  });

  it('carries Retry-After or not, as set', async () => {
    const { simulator, put } = await guestOf({
      faults: { slowDownItem: [identifier], retryAfter: 'always', retryAfterSeconds: 12 },
    });
    expect((await put(identifier, 'index.json', '{}')).headers.get('retry-after')).toBe('12');
    simulator.faults.retryAfter = 'never';
    expect((await put(identifier, 'index.json', '{}')).headers.get('retry-after')).toBeNull();
  });

  it('comes by itself where too many tasks are outstanding, of an item or of all', async () => {
    const { simulator, put, getJson, clock } = await guestOf({
      applySeconds: { min: 60, max: 60 },
      faults: { itemTaskLimit: 3 },
    });
    simulator.archive.seedItem({ identifier, metadata: ready, files: [] });
    const statuses: number[] = [];
    for (const file of ['1', '2', '3', '4']) statuses.push((await put(identifier, file, 'text')).status);
    // Behind the writes waits what is derived from them.
    expect(statuses).toEqual([200, 200, 503, 503]);
    expect(await getJson(limit('access', identifier))).toMatchObject({ over_limit: 1, detail: { bucket_ration: 3 } });
    expect((await put(otherIdentifier, '1', 'text')).status).toBe(200);
    Object.assign(simulator.faults, { itemTaskLimit: 0, accountTaskLimit: 5 });
    expect((await put(otherIdentifier, '2', 'text')).status).toBe(503);
    clock.pass(1000);
    expect((await put(otherIdentifier, '2', 'text')).status).toBe(200);
  });
});
