import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be lost without a word, as behind a firewall that drops packets. */
export interface SilentProxy {
  readonly port: number;
  /** From now on nothing is passed on, in either direction, and neither end is told; nor is a new connection answered. */
  silence(): void;
  /** Passes on what comes by new connections; those of before are closed. */
  heal(): void;
  close(): void;
}

export async function startSilentProxy(port: number): Promise<SilentProxy> {
  let isSilent = false;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  };
  const server = createServer((incoming) => {
    keep(incoming);
    if (isSilent) return;
    const outgoing = connect({ port, host: '127.0.0.1' });
    keep(outgoing);
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const drop = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    silence() {
      isSilent = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    heal() {
      isSilent = false;
      drop();
    },
    close() {
      server.close();
      drop();
    },
  };
}
