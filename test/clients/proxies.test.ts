import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
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

test('what is written in lower case counts where both are', async () => {
  const [lower, upper] = [
    await startAnsweringServer((_request, response) => response.end()),
    await startAnsweringServer((_request, response) => response.end()),
  ];
  await askedThrough({ http_proxy: lower.url, HTTP_PROXY: upper.url }, 'http://archive.example/');
  expect([lower.received.length, upper.received.length]).toEqual([1, 0]);
});

test('no_proxy = * is for every host', async () => {
  const proxy = await startAnsweringServer((_request, response) => response.end());
  const env = { http_proxy: proxy.url, no_proxy: '*' };
  await expect(askedThrough(env, 'http://archive.invalid/')).rejects.toThrow('ENOTFOUND');
  expect(proxy.received).toEqual([]);
});

test('https is asked through its own proxy, by a tunnel, so that the proxy sees nothing of what is sent', async () => {
  const plain = await startAnsweringServer((_request, response) => response.end());
  const asked: string[] = [];
  const tunnel = createServer((request) => asked.push(`${request.method} ${request.url}`));
  tunnel.on('connect', ({ method, url }, socket) => {
    asked.push(`${method} ${url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void tunnel.close());
  const { port } = tunnel.address() as AddressInfo;
  const dispatcher = openAgent('https:', { http_proxy: plain.url, https_proxy: `http://127.0.0.1:${port}` });
  await expect(request('https://archive.example/metadata/x', { dispatcher })).rejects.toThrow();
  await dispatcher.close();
  expect(new Set(asked)).toEqual(new Set(['CONNECT archive.example:443']));
  expect(plain.received).toEqual([]);
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

test('a variable that is blank names no proxy', async () => {
  const proxy = await startAnsweringServer((_request, response) => response.end());
  await askedThrough({ http_proxy: '', HTTP_PROXY: proxy.url, all_proxy: proxy.url, no_proxy: '*' }, proxy.url);
  await askedThrough({ http_proxy: ' ', all_proxy: ` ${proxy.url} ` }, 'http://archive.example/1');
  expect(proxy.received.map(({ url }) => url)).toEqual(['/', 'http://archive.example/1']);
});

test('a proxy of https is not one of http', async () => {
  const proxy = await startAnsweringServer((_request, response) => response.end());
  const here = await startAnsweringServer((_request, response) => response.end());
  await askedThrough({ https_proxy: proxy.url }, `${here.url.replace('127.0.0.1', '127.0.0.2')}/`).catch(
    () => undefined,
  );
  expect(proxy.received).toEqual([]);
});
