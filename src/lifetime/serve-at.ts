import { once } from 'node:events';
import type { Server } from 'node:http';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { splitListenAddress } from '../config/value-types.ts';

/** Answers requests; an application of Hono's is one. */
interface Answering {
  readonly fetch: Parameters<typeof createAdaptorServer>[0]['fetch'];
}

/** A server that listens. */
export interface Listening {
  /** `host:port` as it is: the port that was given, where it was asked for port 0. */
  readonly address: string;
  /**
   * Takes nothing new, and answers what was asked already for at most `graceSeconds`; then the rest is cut. Without, all
   * is cut at once, also connections that are kept open.
   */
  close(graceSeconds?: number): Promise<void>;
}

/** The address can't be listened at, in one line that says which setting it is of. */
class AddressTakenError extends Error {
  override readonly name = 'AddressTakenError';
}

/**
 * Serves an application by HTTP.
 *
 * @param listen `host:port`, an IPv6 host in brackets, as the configuration has checked it
 * @param setting the key that it is from, for the error
 * @throws {AddressTakenError}
 */
export async function serveAt(app: Answering, listen: string, setting: string): Promise<Listening> {
  const { host, port: wanted } = splitListenAddress(listen);
  // Without options of its own the adaptor makes a server of HTTP/1, whatever its type leaves open.
  const server = createAdaptorServer({ fetch: app.fetch }) as ServerType & Server;
  server.listen(wanted, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen(error as NodeJS.ErrnoException, listen, setting);
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    address: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    async close(graceSeconds = 0) {
      const closed = new Promise((resolve) => server.close(resolve));
      if (graceSeconds === 0) server.closeAllConnections();
      else server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000);
      await closed;
      clearTimeout(late);
    },
  };
}

function cannotListen(error: NodeJS.ErrnoException, listen: string, setting: string): AddressTakenError {
  const why = error.code === 'EADDRINUSE' ? 'something else listens there' : error.message;
  return new AddressTakenError(
    `${setting} = ${listen} can't be listened at: ${why}. Set it to another address; nothing was started`,
    { cause: error },
  );
}
