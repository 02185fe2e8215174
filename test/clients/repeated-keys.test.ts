import { describe, expect, test } from 'vitest';
import { openBudget } from '../../src/clients/budget.ts';
import type { Clients } from '../../src/clients/clients.ts';
import { RequestError } from '../../src/clients/errors.ts';
import { openHttp } from '../../src/clients/http-client.ts';
import { readStoredBrakes } from '../../src/database/brakes/stored-brakes.ts';
import { projects } from '../../src/domain/entity.ts';
import { startAnsweringServer } from './answering-server.ts';
import { atTheSimulator, clientsOf, gid, keys } from './at-the-simulator.ts';

const at = atTheSimulator();
const { release } = projects;
const copy = { artwork_id: 1, old_gid: gid, new_gid: gid, suffix: 'jpg' };
const place = { dir: '/1/items', nodes: ['localhost'] };

/** All that is sent to the archive with a key, or answered by it. */
const requests: Readonly<Record<string, (clients: Clients) => Promise<unknown>>> = {
  'a PUT': ({ writer }) => writer.putIndex(release, gid, Buffer.from('{}')),
  'a copy': ({ writer }) => writer.copyImage(release, copy),
  'a DELETE': ({ writer }) => writer.deleteFile(release, gid, 'index.json'),
  'the tasks': ({ limits }) => limits.outstandingTasks(release, gid),
  'the scrape': ({ search }) => search.scrape(release, { cursor: 'cursor', changedSince: null, withoutCount: false }),
  'the metadata': ({ reader }) => reader.observe(gid),
  'a download': ({ reader }) => reader.download(gid, { name: 'index.json', md5: null, maxBytes: 1000 }, place),
  'the web service': ({ musicbrainz }) => musicbrainz.lookUp({ entityType: 'release', gid }),
};

/** All of an error: what is logged, kept with the attempt, and what Temporal shows of it. */
function whole(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error ?? null);
  const details = error instanceof RequestError ? JSON.stringify(error.details) : '';
  return [error.message, error.stack, details, error.cause === undefined ? '' : whole(error.cause)].join('\n');
}

// One project's request could be answered with the other's key: both are on the same account pages.
const said = `key ${keys.S3_CAA_ACCESS}, secret ${keys.S3_CAA_SECRET}; ${keys.S3_EAA_ACCESS}, ${keys.S3_EAA_SECRET}`;

describe.each([
  ['401', 401, `<Error><Code>AccessDenied</Code><Message>${said}</Message></Error>`],
  ['403', 403, `<Error><Code>InvalidAccessKeyId</Code><Message>${said}</Message></Error>`],
  ['404', 404, said],
  ['500', 500, said],
  ['200 and a fault', 200, JSON.stringify({ error: said, success: false })],
  ['200 and something else', 200, said],
  ['a redirect', 307, ''],
])('an answer that repeats the key: %s', (_what, status, body) => {
  test.each(Object.keys(requests))('to %s: nothing that is kept of it has the key', async (what) => {
    const server = await startAnsweringServer((_request, response) => {
      const location = `/elsewhere?key=${keys.S3_CAA_ACCESS}:${keys.S3_CAA_SECRET}`;
      response.writeHead(status, { location }).end(body);
    });
    const settings = {
      ARCHIVE_URL: server.url,
      ARCHIVE_NODE_URL: `${server.url}/{node}{dir}/{file}`,
      S3_URL: `${server.url}/s3/{bucket}/{file}`,
      S3_LIMIT_URL: server.url,
      MUSICBRAINZ_URL: server.url,
    };
    const outcome = await requests[what]!(clientsOf(at.db, settings)).catch((error: unknown) => error);
    for (const secret of Object.values(keys)) expect(whole(outcome)).not.toContain(secret);
  });
});

test('a cool-down is for a reason without the key', async () => {
  const server = await startAnsweringServer((_request, response) => {
    response.writeHead(429, { 'retry-after': '3600' }).end(said);
  });
  const { reader } = clientsOf(at.db, { ARCHIVE_URL: server.url });
  await expect(reader.observe(gid)).rejects.toThrow('cooling down');
  const { rows } = await at.db.query('select to_jsonb(budget)::text as text from artwork_reconciler.budget');
  expect(JSON.stringify(rows)).toContain('429: key [secret], secret [secret]');
  expect(JSON.stringify([rows, await readStoredBrakes(at.db)])).not.toContain(keys.S3_CAA_SECRET);
});

test('a key is taken out as it is and as addresses have it, from each of several headers; a word as short as none is not', async () => {
  const secret = 'caa/secret+';
  const server = await startAnsweringServer((_request, response) => {
    response.setHeader('location', [`/x?${secret}`, `/y?${encodeURIComponent(secret)}`]);
    response.setHeader('x-said', `key ${secret}`);
    response.end(`${secret} or ${encodeURIComponent(secret)}, put there`);
  });
  const budget = openBudget(at.db, 'archive', { requestsPerSecond: 1000, coolDownSeconds: 1 });
  const http = openHttp(budget, { userAgent: 'a test', secrets: [secret, 'put'] });
  const { headers, body } = await http.send({ kind: 'metadata', method: 'GET', url: server.url });
  expect(headers['location']).toEqual(['/x?[secret]', '/y?[secret]']);
  expect(headers['x-said']).toBe('key [secret]');
  expect(body.toString()).toBe('[secret] or [secret], put there');
});

test('one of several keys is taken out, as short as keys may be, and the rest of the bytes stays', async () => {
  const server = await startAnsweringServer((_request, response) => {
    response.end(Buffer.from([0xff, 0xc3, ...Buffer.from('sixish'), 0xe9]));
  });
  const budget = openBudget(at.db, 'archive', { requestsPerSecond: 1000, coolDownSeconds: 1 });
  const http = openHttp(budget, { userAgent: 'a test', secrets: ['sixish', 'another one'] });
  const { body } = await http.send({ kind: 'metadata', method: 'GET', url: server.url });
  expect(body).toEqual(Buffer.from([0xff, 0xc3, ...Buffer.from('[secret]'), 0xe9]));
});

test('what doesn’t repeat it comes as it is, byte for byte', async () => {
  const bytes = Buffer.from([0xff, 0xd8, 0, 0xc3, 0x28, ...Buffer.from('caa-acces')]);
  const server = await startAnsweringServer((_request, response) => response.writeHead(200).end(bytes));
  const { reader } = clientsOf(at.db, { ARCHIVE_URL: server.url });
  expect(await reader.download(gid, { name: 'a.jpg', md5: null, maxBytes: 1000 }, place)).toEqual(bytes);
});
