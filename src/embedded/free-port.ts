import { createServer, type AddressInfo } from 'node:net';

/**
 * A TCP port that nothing listens on at this moment, on loopback.
 *
 * Another process may take it before it is used: who starts a server on it tries again with another.
 */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
