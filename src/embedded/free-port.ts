import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports below those that connections to elsewhere are given for their own end (from 32768 on under Linux, from 49152 on
 * elsewhere): such a connection may be open for minutes, and a server that is restarted would not get its port again.
 */
const lowest = 20_000;
const highest = 32_767;

const mostTries = 100;

/**
 * A TCP port that nothing listens on at this moment, on loopback.
 *
 * Another process may take it before it is used: who starts a server on it tries again with another.
 *
 * @param propose what to try next
 * @throws Error where none of a hundred was free
 */
export async function findFreePort(propose = () => randomInt(lowest, highest + 1)): Promise<number> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const port = propose();
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port on 127.0.0.1: ${mostTries} between ${lowest} and ${highest} were tried`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
