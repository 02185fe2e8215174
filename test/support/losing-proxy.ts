import {
  connect,
  constants,
  createServer,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

/** A way to Temporal on which answers are lost: what was asked for is done, and nobody hears of it. */
export interface LosingProxy {
  readonly address: string;
  /** Loses the next answers to this method, e.g. `StartWorkflowExecution`. */
  lose(method: string, answers: number): void;
  /** Answers that were lost so far. */
  lost(): number;
  /** How long each method's last call said that it is waited for (gRPC's own form, as `20S`); by method. */
  timeouts(): Readonly<Record<string, string | undefined>>;
  close(): Promise<void>;
}

export async function startLosingProxy(temporalAddress: string): Promise<LosingProxy> {
  let upstream = open();
  const toLose = new Map<string, number>();
  const timeouts: Record<string, string | undefined> = {};
  let lost = 0;
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => forward(stream, headers));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));

  function open(): ClientHttp2Session {
    // Each of its calls hears of it, too.
    return connect(`http://${temporalAddress}`).on('error', () => undefined);
  }

  function forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const method = headers[':path']?.split('/').at(-1) ?? '';
    timeouts[method] = headers['grpc-timeout']?.toString();
    const left = toLose.get(method) ?? 0;
    if (left > 0) toLose.set(method, left - 1);
    // Temporal was away, or is another one.
    if (upstream.closed || upstream.destroyed) upstream = open();
    const request = upstream.request(headers);
    stream.on('error', () => undefined);
    // To a client that is UNAVAILABLE, as without a proxy in between.
    const refuse = (): void => stream.close(constants.NGHTTP2_REFUSED_STREAM);
    request.on('error', refuse).on('aborted', refuse);
    stream.on('close', () => request.close(constants.NGHTTP2_CANCEL));
    stream.pipe(request);
    if (left > 0) {
      request.resume().on('end', () => (lost += 1));
      return;
    }
    let trailers: OutgoingHttpHeaders = {};
    request.on('trailers', (received) => void (trailers = received as OutgoingHttpHeaders));
    request.on('response', (answer, flags) => {
      if (stream.destroyed) return;
      const isOnlyHeaders = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.respond(answer, isOnlyHeaders ? { endStream: true } : { waitForTrailers: true });
      if (isOnlyHeaders) return;
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      request.pipe(stream);
    });
  }

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    lose: (method, answers) => void toLose.set(method, answers),
    lost: () => lost,
    timeouts: () => timeouts,
    async close() {
      for (const session of sessions) session.destroy();
      upstream.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
