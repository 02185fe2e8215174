import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { findFreePort } from '../../src/embedded/free-port.ts';

test('a free port is passed over where something listens on it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  const free = await findFreePort();
  const proposed = [taken, taken, free];
  expect(await findFreePort(() => proposed.shift()!)).toBe(free);
  expect(proposed).toEqual([]);
  await expect(findFreePort(() => taken)).rejects.toThrow('No free port on 127.0.0.1');
  server.close();
});

test('no connection to elsewhere is given it while its server is away', async () => {
  for (let tries = 0; tries < 50; tries += 1) {
    const port = await findFreePort();
    // Where Linux begins with those, unless told otherwise (net.ipv4.ip_local_port_range).
    expect(port).toBeLessThan(32_768);
    expect(port).toBeGreaterThan(1024);
  }
});
