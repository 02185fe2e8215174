import { getEventListeners } from 'node:events';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openBudget } from '../../src/clients/budget.ts';
import { type AnsweredRequest, UnreadableError } from '../../src/clients/errors.ts';
import { type HttpClient, type HttpOptions, openHttp } from '../../src/clients/http-client.ts';
import { projects } from '../../src/domain/entity.ts';
import { startAnsweringServer } from './answering-server.ts';
import { atTheSimulator, clientsOf, gid, item } from './at-the-simulator.ts';

const at = atTheSimulator();

function http(options: Partial<HttpOptions> = {}): HttpClient {
  const budget = openBudget(at.db, 'archive', { requestsPerSecond: 1000, coolDownSeconds: 1 });
  return openHttp(budget, { userAgent: 'program/1.2', ...options });
}

const get = (url: string, maxBytes?: number) =>
  ({ kind: 'metadata', method: 'GET', url, ...(maxBytes === undefined ? {} : { maxBytes }) }) as const;

describe('an answer that cannot be judged', () => {
  test.each(['truncated', 'cut', 'htmlPage', 'connectionReset'] as const)('that is %s', async (fault) => {
    at.simulator.archive.seedItem({ identifier: item, metadata: {}, files: [] });
    at.simulator.faults[fault] = 1;
    await expect(at.clients().reader.observe(gid)).rejects.toThrow(UnreadableError);
    expect(at.simulator.requests().metadata).toBe(1);
  });

  test('that doesn’t begin in time', async () => {
    const server = await startAnsweringServer(() => undefined);
    const slow = http({ timeouts: { read: 200, whole: 60_000 } });
    await expect(slow.send(get(server.url))).rejects.toThrow(/no whole answer: Headers Timeout Error \(GET /);
  });

  test('that stops in the middle', async () => {
    const server = await startAnsweringServer((_request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half');
    });
    const slow = http({ timeouts: { read: 200, whole: 60_000 } });
    await expect(slow.send(get(server.url))).rejects.toThrow(/no whole answer: Body Timeout Error \(GET /);
  });

  test('that drips for longer than a whole answer may take', async () => {
    const server = await startAnsweringServer((_request, response) => {
      const drip = setInterval(() => response.write('.'), 20);
      response.once('close', () => clearInterval(drip));
    });
    const slow = http({ timeouts: { read: 60_000, whole: 300 } });
    await expect(slow.send(get(server.url))).rejects.toThrow(/^no whole answer: it took too long \(GET /);
  });

  test('from a host that doesn’t answer at all', async () => {
    await expect(http().send(get('http://127.0.0.1:1/'))).rejects.toMatchObject({
      name: 'UnreadableError',
      message: expect.stringMatching(/no whole answer: .*ECONNREFUSED/) as string,
      details: { status: null, code: null, bodyExcerpt: '', requestId: null },
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }) as Error,
    });
  });

  test('that is no gzip though it says so', async () => {
    const server = await startAnsweringServer((_request, response) =>
      response.setHeader('content-encoding', 'gzip').end('plain'),
    );
    await expect(http().send(get(server.url))).rejects.toThrow(UnreadableError);
  });

  test('but of one that says it is not encoded at all everything', async () => {
    const server = await startAnsweringServer((_request, response) =>
      response.setHeader('content-encoding', 'identity').end('plain'),
    );
    expect((await http().send(get(server.url))).body.toString()).toBe('plain');
  });

  test.each(['br', 'gzip, br'])('whose encoding was not asked for: %s', async (encoding) => {
    const server = await startAnsweringServer((_request, response) =>
      response.setHeader('content-encoding', encoding).end(brotliCompressSync('{}')),
    );
    await expect(http().send(get(server.url))).rejects.toThrow(`encoded as ${encoding}: expected gzip or nothing`);
  });
});

describe('a summary of tasks', () => {
  const limitsFrom = async (summary: unknown, before = '') => {
    const server = await startAnsweringServer((_request, response) =>
      response.end(before + JSON.stringify({ success: true, value: { summary } })),
    );
    return clientsOf(at.db, { ARCHIVE_URL: server.url }).limits.outstandingTasks(projects.release, gid);
  };

  test.each([
    ['has no counts', {}],
    ['lacks one', { queued: 0, running: 0, error: 0 }],
    ['has one that is no number', { queued: 0, running: 'some', error: 0, paused: 0 }],
    ['has one that is none', { queued: 0, running: null, error: 0, paused: 0 }],
    ['is no object', 0],
  ])('that %s tells nothing, least of all that there are none', async (_what, summary) => {
    await expect(limitsFrom(summary)).rejects.toMatchObject({
      name: 'UnreadableError',
      message: expect.stringMatching(/^no summary of tasks: HTTP 200.* \(GET \S+\)$/) as string,
    });
  });

  test.each([201, 404, 500])('of an answer with %d tells nothing', async (status) => {
    const value = { summary: { queued: 0, running: 0, error: 0, paused: 0 } };
    const server = await startAnsweringServer((_request, response) =>
      response.writeHead(status).end(JSON.stringify({ success: true, value })),
    );
    const clients = clientsOf(at.db, { ARCHIVE_URL: server.url });
    await expect(clients.limits.outstandingTasks(projects.release, gid)).rejects.toThrow(UnreadableError);
    expect(clients.counts()).toEqual({ tasks: 1 });
  });

  test('that does not come is told with its request', async () => {
    const server = await startAnsweringServer((_request, response) => response.destroy());
    const { limits } = clientsOf(at.db, { ARCHIVE_URL: server.url });
    await expect(limits.outstandingTasks(projects.release, gid)).rejects.toThrow(`(GET ${server.url}/services/`);
  });

  test('may begin with a byte order mark', async () => {
    expect(await limitsFrom({ queued: 1, running: 0, error: 0, paused: 0 }, '\ufeff')).toBe(1);
  });

  test('may have its numbers as strings', async () => {
    expect(await limitsFrom({ queued: '1', running: '0', error: 2, paused: 0 })).toBe(3);
  });

  test.each(['queued', 'running', 'error', 'paused'])(
    'counts the ones that are %s: they are still to be applied',
    async (kind) => {
      expect(await limitsFrom({ queued: 0, running: 0, error: 0, paused: 0, [kind]: 1 })).toBe(1);
    },
  );

  test.each([-1, 1.5, '-1', '', '1e3', '+1'])('with %j of some kind tells nothing', async (count) => {
    await expect(limitsFrom({ queued: count, running: 0, error: 0, paused: 0 })).rejects.toThrow(UnreadableError);
  });

  test('of an answer that says it is no success tells nothing', async () => {
    const summary = { queued: 0, running: 0, error: 0, paused: 0 };
    const server = await startAnsweringServer((_request, response) =>
      response.end(JSON.stringify({ success: false, value: { summary } })),
    );
    const { limits } = clientsOf(at.db, { ARCHIVE_URL: server.url });
    await expect(limits.outstandingTasks(projects.release, gid)).rejects.toThrow(UnreadableError);
  });
});

describe('an answer', () => {
  test('is as long as was asked for at most, also after it is unpacked', async () => {
    const server = await startAnsweringServer((request, response) => {
      const body = Buffer.alloc(request.url === '/fits' ? 1000 : 1001, 'x');
      if (request.headers['x-packed'] === undefined) response.end(body);
      else response.setHeader('content-encoding', 'gzip').end(gzipSync(body));
    });
    for (const headers of [{}, { 'x-packed': '1' }] as Record<string, string>[]) {
      const fits = await http().send({ ...get(`${server.url}/fits`, 1000), headers });
      expect(fits.body).toHaveLength(1000);
      await expect(http().send({ ...get(`${server.url}/exceeds`, 1000), headers })).rejects.toThrow(UnreadableError);
    }
  });

  test('that never ends is left after so many bytes', async () => {
    const server = await startAnsweringServer((_request, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) continue;
      };
      response.on('drain', pour);
      pour();
    });
    await expect(http().send(get(server.url, 1_000_000))).rejects.toThrow(/exceeds 1000000 bytes/);
  });

  test('packed by gzip is what was packed', async () => {
    at.simulator.archive.seedItem({ identifier: item, metadata: { noindex: 'true' }, files: [] });
    const seen = await at.clients().reader.observe(gid);
    expect(at.requests()[0]!.headers['accept-encoding']).toBe('gzip');
    expect(seen).toMatchObject({ kind: 'present', metadata: { noindex: ['true'] } });
  });

  test.each(['gzip', 'GZIP', 'x-gzip', ' Gzip ', 'identity, gzip', 'X-GZIP,', ['Identity', 'Gzip']])(
    'whose encoding is called %j is unpacked',
    async (encoding) => {
      const server = await startAnsweringServer((_request, response) =>
        response.setHeader('content-encoding', encoding).end(gzipSync('{}')),
      );
      expect((await http().send(get(server.url))).body.toString()).toBe('{}');
    },
  );

  test.each(['identity', 'Identity', '', 'identity, Identity'])(
    'whose encoding is called %j is what was sent',
    async (encoding) => {
      const server = await startAnsweringServer((_request, response) =>
        response.setHeader('content-encoding', encoding).end('{}'),
      );
      expect((await http().send(get(server.url))).body.toString()).toBe('{}');
    },
  );

  test('without a body has none, whatever encoding it names', async () => {
    const server = await startAnsweringServer((_request, response) =>
      response.writeHead(204, { 'content-encoding': 'gzip' }).end(),
    );
    expect(await http().send({ kind: 'delete', method: 'DELETE', url: server.url })).toMatchObject({ status: 204 });
  });

  test('is told with at most 300 characters in one line, and the archive’s id of the request', async () => {
    const long = `<Error>\n<Code>InternalError</Code>\n<RequestId>0f1e-2d</RequestId>${'x'.repeat(500)}</Error>`;
    const server = await startAnsweringServer((_request, response) => response.writeHead(500).end(long));
    const error = await clientsOf(at.db, { ARCHIVE_URL: server.url })
      .reader.observe(gid)
      .catch((thrown: unknown) => thrown);
    const { details, message } = error as UnreadableError;
    expect(details).toMatchObject({ status: 500, requestId: '0f1e-2d' });
    expect(details?.bodyExcerpt).toHaveLength(300);
    expect(message).toBe(`HTTP 500 InternalError (GET ${server.url}/metadata/mbid-${gid}, RequestId 0f1e-2d)`);
  });
});

test('each request that was sent is counted with its answer and the seconds that it took', async () => {
  const server = await startAnsweringServer((request, response) =>
    request.url === '/reset' ? response.destroy() : response.writeHead(Number(request.url.slice(1))).end(),
  );
  const metered: AnsweredRequest[] = [];
  const client = http({ meter: (request) => metered.push(request) });
  const began = performance.now();
  for (const path of ['/200', '/404', '/503', '/reset']) {
    await client
      .send(get(`${server.url}${path}`))
      .catch((error: unknown) => expect(error).toBeInstanceOf(UnreadableError));
  }
  const passed = (performance.now() - began) / 1000;
  expect(metered.map(({ kind, answer }) => [kind, answer])).toEqual(
    ['2xx', '404', '503', 'none'].map((answer) => ['metadata', answer]),
  );
  const seconds = metered.map((request) => request.seconds);
  expect(Math.min(...seconds)).toBeGreaterThan(0);
  expect(seconds.reduce((sum, more) => sum + more)).toBeLessThan(passed);
  expect(client.counts).toEqual({ metadata: 4 });
});

test('an answered request leaves nothing behind: no timer that keeps the process, nothing that listens to the signal', async () => {
  const server = await startAnsweringServer((_request, response) => response.end());
  const { signal } = new AbortController();
  const client = http({ signal: () => signal });
  await client.send(get(server.url));
  const cleared = vi.spyOn(globalThis, 'clearTimeout');
  const begun = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => void vi.restoreAllMocks());
  await client.send(get(server.url));
  const ofAnswer = begun.mock.results.filter((_, call) => begun.mock.calls[call]![1] === 5 * 60_000);
  expect(ofAnswer).toHaveLength(1);
  expect(cleared.mock.calls.map(([timer]) => timer)).toContain(ofAnswer[0]!.value);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a request that is taken back ends at once, and is no answer', async () => {
  const controller = new AbortController();
  const metered: AnsweredRequest[] = [];
  const server = await startAnsweringServer(() => controller.abort());
  const error: unknown = await http({ signal: () => controller.signal, meter: (request) => metered.push(request) })
    .send(get(server.url))
    .catch((thrown: unknown) => thrown);
  expect(error).not.toBeInstanceOf(UnreadableError);
  expect(error).toMatchObject({ name: 'AbortError' });
  expect(metered.map(({ answer }) => answer)).toEqual(['aborted']);
});
