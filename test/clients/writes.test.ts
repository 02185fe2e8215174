import { describe, expect, test } from 'vitest';
import { projects } from '../../src/domain/entity.ts';
import { type ReceivedRequest, startAnsweringServer } from './answering-server.ts';
import { atTheSimulator, clientsOf, gid, item, otherGid, otherItem } from './at-the-simulator.ts';

const at = atTheSimulator();

/** What the archive or the way to it need, and no page is about. */
const transport = ['host', 'connection'];

/** All headers of a request, but for the transport's. */
function headersOf({ headers }: { headers: ReceivedRequest['headers'] }): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !transport.includes(name)));
}

const agent = { 'user-agent': 'program/1.2 (somebody@example.org)', 'accept-encoding': 'gzip' };
const caa = {
  authorization: 'LOW caa-access:caa-secret',
  'x-archive-meta-collection': 'coverartarchive',
  'x-archive-meta-mediatype': 'image',
  'x-archive-meta-noindex': 'true',
};
const eaa = {
  ...caa,
  authorization: 'LOW eaa-access:eaa-secret',
  'x-archive-meta-collection': 'eventartarchive',
};

// The headers are those of the domain page artwork-indexer.md, "What the handlers send": no more of them, and no less.
describe.each([
  [projects.release, caa],
  [projects.event, eaa],
])('a write for the $name', (project, headersOfProject) => {
  test('of index.json keeps the old version and makes the item', async () => {
    await at.clients().writer.putIndex(project, gid, Buffer.from('{"images": []}'));
    const [request, ...others] = at.requests();
    expect(others).toEqual([]);
    expect(request).toMatchObject({ method: 'PUT', url: `/s3/${item}/index.json` });
    expect(headersOf(request!)).toEqual({
      ...agent,
      ...headersOfProject,
      'content-type': 'application/json; charset=UTF-8',
      'content-length': '14',
      'x-archive-auto-make-bucket': '1',
      'x-archive-keep-old-version': '1',
    });
  });

  test('of the XML makes the item, but does not keep the old version', async () => {
    await at.clients().writer.putXml(project, gid, `${item}_mb_metadata.xml`, Buffer.from('<metadata/>'));
    const [request, ...others] = at.requests();
    expect(others).toEqual([]);
    expect(request).toMatchObject({ method: 'PUT', url: `/s3/${item}/${item}_mb_metadata.xml` });
    expect(headersOf(request!)).toEqual({
      ...agent,
      ...headersOfProject,
      'content-type': 'application/xml; charset=UTF-8',
      'content-length': '11',
      'x-archive-auto-make-bucket': '1',
    });
  });

  test('that copies an image names its source, and has no body and no content type', async () => {
    at.simulator.archive.seedItem({
      identifier: item,
      metadata: { collection: project.collection, mediatype: 'image' },
      files: [{ name: `${item}-32409815672.png`, content: Buffer.from('an image') }],
    });
    const message = { artwork_id: 32_409_815_672, old_gid: gid, new_gid: otherGid, suffix: 'png' };
    await at.clients().writer.copyImage(project, message);
    const [request, ...others] = at.requests();
    expect(others).toEqual([]);
    expect(request).toMatchObject({ method: 'PUT', url: `/s3/${otherItem}/${otherItem}-32409815672.png` });
    expect(headersOf(request!)).toEqual({
      ...agent,
      ...headersOfProject,
      'content-length': '0',
      'x-amz-copy-source': `/${item}/${item}-32409815672.png`,
      'x-archive-auto-make-bucket': '1',
      'x-archive-keep-old-version': '1',
    });
  });

  test('that deletes a file keeps the old version, takes the derivatives along, and says nothing of the item', async () => {
    at.simulator.archive.seedItem({
      identifier: item,
      metadata: { collection: project.collection },
      files: [{ name: 'index.json', content: Buffer.from('{}') }],
    });
    await at.clients().writer.deleteFile(project, gid, 'index.json');
    const [request, ...others] = at.requests();
    expect(others).toEqual([]);
    expect(request).toMatchObject({ method: 'DELETE', url: `/s3/${item}/index.json` });
    expect(headersOf(request!)).toEqual({
      ...agent,
      authorization: headersOfProject.authorization,
      'x-archive-keep-old-version': '1',
      'x-archive-cascade-delete': '1',
    });
  });
});

describe('what is written', () => {
  test('arrives byte for byte, whatever the bytes are', async () => {
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, position) => (position * 7) % 256));
    const { writer } = at.clients();
    await writer.putIndex(projects.release, gid, bytes);
    await writer.putXml(projects.release, gid, `${item}_mb_metadata.xml`, bytes);
    at.simulator.archive.settle();
    const files = at.simulator.archive.item(item)!.files;
    for (const name of ['index.json', `${item}_mb_metadata.xml`]) {
      expect(Buffer.from(files.find((file) => file.name === name)!.content).equals(bytes)).toBe(true);
    }
  });

  test('goes to the host of its item where the address names one, as the archive’s does', async () => {
    const server = await startAnsweringServer((_request, response) => response.end());
    const port = new URL(server.url).port;
    const clients = clientsOf(at.db, { S3_URL: `http://127.0.0.1:${port}/?of={bucket}&name={file}` });
    await clients.writer.deleteFile(projects.release, gid, `${item}-17.jpg`);
    expect(server.received.map(({ url }) => url)).toEqual([`/?of=${item}&name=${item}-17.jpg`]);
  });

  test('has its file’s name in the address whole, whatever characters it is of', async () => {
    const server = await startAnsweringServer((_request, response) => response.end());
    const clients = clientsOf(at.db, { S3_URL: `${server.url}/{bucket}/{file}` });
    await clients.writer.deleteFile(projects.release, gid, 'a b/c?d#e%.jpg');
    expect(server.received.map(({ url }) => url)).toEqual([`/${item}/a%20b%2Fc%3Fd%23e%25.jpg`]);
  });

  test('is counted by its kind, each hop by itself', async () => {
    at.simulator.faults.writeRedirect = { next: 1 };
    const clients = at.clients();
    await clients.writer.putIndex(projects.release, gid, Buffer.from('{}'));
    await clients.writer.deleteFile(projects.release, gid, 'index.json');
    expect(clients.counts()).toEqual({ put: 2, delete: 1 });
    await clients.writer.putXml(projects.release, gid, `${item}_mb_metadata.xml`, Buffer.from('<metadata/>'));
    const message = { artwork_id: 17, old_gid: gid, new_gid: otherGid, suffix: 'jpg' };
    await clients.writer.copyImage(projects.release, message).catch(() => undefined);
    expect(clients.counts()).toEqual({ put: 3, delete: 1, copy: 1 });
  });
});
