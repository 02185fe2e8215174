import { describe, expect, test } from 'vitest';
import { KeyRefusedError, RefusedError, UnreadableError } from '../../src/clients/errors.ts';
import { projects } from '../../src/domain/entity.ts';
import { startAnsweringServer } from './answering-server.ts';
import { atTheSimulator, caaAuthorization, clientsOf, gid, item, otherGid } from './at-the-simulator.ts';

const at = atTheSimulator();
const { release, event } = projects;
const body = Buffer.from('{"images": []}');

describe('a write that is sent on to another host', () => {
  test('is sent there with its body and its key', async () => {
    at.simulator.faults.writeRedirect = { next: 1 };
    await at.clients().writer.putIndex(release, gid, body);
    const [first, second, ...others] = at.requests();
    expect(others).toEqual([]);
    expect([first!.status, second!.status]).toEqual([307, 200]);
    expect(second!.headers.host).not.toBe(first!.headers.host);
    expect({ ...second!.headers, host: '' }).toEqual({ ...first!.headers, host: '' });
    expect(second!.headers.authorization).toBe(caaAuthorization);
    at.simulator.archive.settle();
    const index = at.simulator.archive.item(item)!.files.find(({ name }) => name === 'index.json');
    expect(Buffer.from(index!.content)).toEqual(body);
  });

  test.each(['http://files.elsewhere.invalid/x', 'http://archive.org.elsewhere.invalid/x', 'ftp://127.0.0.1/x', ''])(
    'is not sent to %j, which is none of the archive’s',
    async (location) => {
      const server = await startAnsweringServer((_request, response) => response.writeHead(307, { location }).end());
      const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
      await expect(writer.putIndex(release, gid, body)).rejects.toThrow(UnreadableError);
      // An empty address is the same one again: as a loop it ends soon.
      expect(server.received.length).toBeLessThanOrEqual(4);
    },
  );

  test('for ever is given up', async () => {
    const server = await startAnsweringServer((request, response) =>
      response.writeHead(307, { location: `${request.url}x` }).end(),
    );
    const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
    await expect(writer.putIndex(release, gid, body)).rejects.toThrow(
      /^more than 3 redirects \(PUT http\S+\/index\.json\)$/,
    );
    expect(server.received).toHaveLength(4);
  });
});

describe('a key that is refused', () => {
  test.each([
    ['unknown', { access: 'another', secret: 'caa-secret' }, 'InvalidAccessKeyId'],
    ['without its secret', { access: 'caa-access', secret: 'another' }, 'SignatureDoesNotMatch'],
  ])('because it is %s is nobody’s fault but the configuration’s', async (_why, caa, code) => {
    at.simulator.keys = { caa, eaa: { access: 'eaa-access', secret: 'eaa-secret' } };
    const { writer } = at.clients();
    const error: unknown = await writer.putIndex(release, gid, body).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeyRefusedError);
    expect(error).toMatchObject({ project: 'caa', details: { status: 403 } });
    expect((error as Error).message).toContain(code);
    // The other project's key is another one.
    await writer.putIndex(event, gid, body);
  });

  test('by 401 is one too', async () => {
    const server = await startAnsweringServer((_request, response) => response.writeHead(401).end('who are you?'));
    const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
    await expect(writer.deleteFile(event, gid, 'index.json')).rejects.toMatchObject({
      name: 'KeyRefusedError',
      project: 'eaa',
      details: { status: 401, bodyExcerpt: 'who are you?' },
    });
  });

  test('is not shown with its secret', async () => {
    at.simulator.keys = { caa: { access: 'another', secret: 'x' } };
    const error = await at
      .clients()
      .writer.putIndex(release, gid, body)
      .catch((thrown: Error) => thrown);
    expect(JSON.stringify([error, (error as Error).message])).not.toContain('caa-secret');
  });

  test('and one that is missing are the same: nothing is sent', async () => {
    const { writer } = at.clients({ S3_CAA_SECRET: '' });
    await expect(writer.putIndex(release, gid, body)).rejects.toMatchObject({
      message: 'no S3 key is configured for the CAA: set [s3] caa_access and caa_secret',
      details: { status: null, code: null, bodyExcerpt: '', requestId: null },
    });
    expect(at.requests()).toEqual([]);
  });

  test('when the archive is asked for an item’s tasks stops the project as well', async () => {
    at.simulator.keys = { caa: { access: 'another', secret: 'x' } };
    await expect(at.clients().limits.outstandingTasks(release, gid)).rejects.toMatchObject({
      name: 'KeyRefusedError',
      project: 'caa',
    });
  });
});

describe('a write that is refused', () => {
  test('with AccessDenied is this item’s trouble, told with the archive’s request id', async () => {
    at.simulator.faults.accessDenied = [item];
    const error: unknown = await at
      .clients()
      .writer.putIndex(release, gid, body)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RefusedError);
    const { details, message } = error as RefusedError;
    expect(details?.status).toBe(403);
    expect(details?.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(details?.bodyExcerpt).toContain('AccessDenied');
    expect(message).toBe(
      `HTTP 403 AccessDenied: Access Denied You are not the owner of this bucket (PUT ${item}/index.json, RequestId ${details?.requestId})`,
    );
  });

  test.each([400, 404, 409, 411, 413, 499])('with %d is not tried again soon', async (status) => {
    const server = await startAnsweringServer((_request, response) => response.writeHead(status).end());
    const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
    await expect(writer.putIndex(release, gid, body)).rejects.toThrow(RefusedError);
    expect(server.received).toHaveLength(1);
    const xml = writer.putXml(release, gid, 'x.xml', body);
    await expect(xml).rejects.toThrow(new RegExp(`^HTTP ${status}.* \\(PUT ${item}/x\\.xml\\)$`));
  });

  test.each([
    [400, RefusedError],
    [500, UnreadableError],
  ])('with %d is no word on the key, even if it names that', async (status, type) => {
    const server = await startAnsweringServer((_request, response) =>
      response.writeHead(status).end('<Error><Code>InvalidAccessKeyId</Code></Error>'),
    );
    const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
    await expect(writer.putIndex(release, gid, body)).rejects.toThrow(type);
  });

  test.each([201, 204, 299])('is none that is answered %d', async (status) => {
    const server = await startAnsweringServer((_request, response) =>
      response.writeHead(status, { 'x-amz-request-id': '7' }).end(),
    );
    const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
    expect(await writer.putIndex(release, gid, body)).toBe('7');
  });

  test.each([
    [200, null],
    [300, UnreadableError],
    [403, RefusedError],
    [500, UnreadableError],
  ])(
    'to delete what is gone by the word of S3 has nothing left to do with 200 and 404 only: %d',
    async (status, type) => {
      const server = await startAnsweringServer((_request, response) =>
        response.writeHead(status).end('<Error><Code>NoSuchKey</Code></Error>'),
      );
      const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
      const deleted = await writer.deleteFile(release, gid, 'index.json').catch((error: unknown) => error);
      if (type === null) expect(deleted).toBeNull();
      else expect(deleted).toBeInstanceOf(type);
    },
  );

  test.each([
    ['the bucket', 'NoSuchBucket'],
    ['the file', 'NoSuchKey'],
  ])('to delete where %s is gone has nothing left to do', async (_what, code) => {
    const error = `<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>${code}</Code></Error>`;
    const server = await startAnsweringServer((_request, response) => response.writeHead(404).end(error));
    const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
    await writer.deleteFile(release, gid, 'index.json');
    // Of any other write the same answer is a refusal.
    await expect(writer.putIndex(release, gid, body)).rejects.toThrow(RefusedError);
  });

  test.each(['', '<html>NoSuchBucket</html>', '<Error><Code>NoSuchHost</Code></Error>'])(
    'to delete by a 404 that says %j did not delete',
    async (answer) => {
      const server = await startAnsweringServer((_request, response) => response.writeHead(404).end(answer));
      const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
      await expect(writer.deleteFile(release, gid, 'index.json')).rejects.toThrow(RefusedError);
    },
  );

  test.each([302, 408, 500, 502, 503, 504])('with %d may be tried again: the result is unknown', async (status) => {
    const server = await startAnsweringServer((_request, response) => response.writeHead(status).end('<html>'));
    const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
    await expect(writer.putIndex(release, gid, body)).rejects.toMatchObject({
      name: 'UnreadableError',
      details: { status, bodyExcerpt: '<html>' },
    });
    expect(server.received).toHaveLength(1);
  });

  test.each([
    ['InternalError', UnreadableError],
    ['ServiceUnavailable', UnreadableError],
    ['a code that nobody knows', UnreadableError],
    ['InvalidArgument', RefusedError],
    ['InvalidRequest', RefusedError],
    ['NoSuchBucket', RefusedError],
    ['NoSuchKey', RefusedError],
    ['AccessDenied', RefusedError],
    ['InvalidAccessKeyId', KeyRefusedError],
  ])('by an error document (%s) with status 200 is not done', async (code, type) => {
    const server = await startAnsweringServer((_request, response) =>
      // White space comes first while S3 works on a copy.
      response.end(`\n  <?xml version="1.0"?>\n<Error><Code>${code}</Code><RequestId>7</RequestId></Error>`),
    );
    const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
    const message = { artwork_id: 17, old_gid: gid, new_gid: otherGid, suffix: 'jpg' };
    const error: unknown = await writer.copyImage(release, message).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ details: { status: 200, requestId: '7' } });
    expect(server.received).toHaveLength(1);
  });

  test('by an error document after much white space is not done either', async () => {
    const document = '<Error><Code>NoSuchKey</Code></Error>';
    const server = await startAnsweringServer((_request, response) => response.end(' \n'.repeat(5000) + document));
    const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
    const message = { artwork_id: 17, old_gid: gid, new_gid: otherGid, suffix: 'jpg' };
    await expect(writer.copyImage(release, message)).rejects.toMatchObject({
      name: 'RefusedError',
      details: { code: 'NoSuchKey', bodyExcerpt: document },
    });
  });

  test('by SlowDown with status 200 is sent again after a pause, as with status 503', async () => {
    const slowDown = '<Error><Code>SlowDown</Code></Error>';
    const server = await startAnsweringServer((_request, response) =>
      response.end(server.received.length === 1 ? slowDown : '<CopyObjectResult/>'),
    );
    const { writer } = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}`, S3_LIMIT_URL: server.url });
    await writer.deleteFile(release, gid, 'index.json');
    expect(server.received.filter(({ method }) => method === 'DELETE')).toHaveLength(2);
  });

  test('by a connection that breaks may have been done all the same', async () => {
    at.simulator.faults.connectionReset = { next: 1 };
    await expect(at.clients().writer.putIndex(release, gid, body)).rejects.toThrow(UnreadableError);
  });
});
