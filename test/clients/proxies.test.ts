import { request } from 'undici';
import { expect, test } from 'vitest';
import { openAgent } from '../../src/clients/http.ts';
import { startAnsweringServer } from './answering-server.ts';

async function askedThrough(env: NodeJS.ProcessEnv, url: string): Promise<void> {
  const dispatcher = openAgent('http:', env);
  const { body } = await request(url, { dispatcher });
  await body.dump();
  await dispatcher.close();
}

test.each(['http_proxy', 'HTTP_PROXY', 'all_proxy'])('%s is asked for the archive', async (variable) => {
  const proxy = await startAnsweringServer((_request, response) => response.end('from afar'));
  await askedThrough({ [variable]: proxy.url }, 'http://archive.example/metadata/x');
  expect(proxy.received.map(({ url }) => url)).toEqual(['http://archive.example/metadata/x']);
});

test('this machine, and what no_proxy names, is asked straight', async () => {
  const proxy = await startAnsweringServer((_request, response) => response.end());
  const here = await startAnsweringServer((_request, response) => response.end());
  await askedThrough({ http_proxy: proxy.url }, `${here.url}/1`);
  await askedThrough({ http_proxy: proxy.url, no_proxy: 'localhost' }, `${here.url}/2`);
  await askedThrough({ http_proxy: proxy.url, no_proxy: '*' }, `${here.url}/3`);
  expect(proxy.received).toEqual([]);
  expect(here.received.map(({ url }) => url)).toEqual(['/1', '/2', '/3']);
});

test('a proxy of https is not one of http', async () => {
  const proxy = await startAnsweringServer((_request, response) => response.end());
  const here = await startAnsweringServer((_request, response) => response.end());
  await askedThrough({ https_proxy: proxy.url }, `${here.url.replace('127.0.0.1', '127.0.0.2')}/`).catch(
    () => undefined,
  );
  expect(proxy.received).toEqual([]);
});
