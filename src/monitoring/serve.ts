import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { splitListenAddress } from '../config/listen-address.ts';

/** A server that listens. */
export interface Listening {
  /** `host:port` as it is: the port that was given, where it was asked for port 0. */
  readonly address: string;
  /** Ends it at once, also connections that are kept open. */
  close(): Promise<void>;
}

/** The address can't be listened at, in one line that says which setting it is of. */
export class AddressTakenError extends Error {
  override readonly name = 'AddressTakenError';
}

/**
 * Serves an application.
 *
 * @param listen `host:port`, an IPv6 host in brackets, as the configuration has checked it
 * @param setting the key that it is from, for the error
 * @throws {AddressTakenError}
 */
export async function serveAt(app: Hono, listen: string, setting: string): Promise<Listening> {
  const { host: hostname, port: wanted } = splitListenAddress(listen);
  const server = await new Promise<Server>((resolve, reject) => {
    const made = serve({ fetch: app.fetch, hostname, port: wanted }, () => {
      made.off('error', refuse);
      resolve(made as Server);
    });
    const refuse = (error: NodeJS.ErrnoException): void => {
      const why = error.code === 'EADDRINUSE' ? 'something else listens there' : error.message;
      reject(
        new AddressTakenError(
          `${setting} = ${listen} can't be listened at: ${why}. Set it to another address; nothing was started`,
          { cause: error },
        ),
      );
    };
    made.on('error', refuse);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    address: `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
