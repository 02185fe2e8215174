import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseAuthorization } from './access-keys.ts';
import { htmlAnswer } from './answer.ts';
import type { Service } from './archive-service.ts';
import { compressed, deliveryOf, reset, send } from './delivery.ts';
import type { FaultDice } from './fault-dice.ts';
import type { Faults } from './faults.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';
import type { ArchiveRequest, HostRole } from './routes.ts';
import { routeOf, subjectsOf } from './routes.ts';

export interface ServerOptions {
  readonly service: Service;
  readonly log: RequestLog;
  readonly dice: FaultDice;
  readonly faults: Faults;
  /** How long every answer takes at least. */
  readonly latencyMs: number;
}

/** One of the two hosts, not listening yet. */
export function createHost(role: HostRole, options: ServerOptions): Server {
  return createServer((message, response) => {
    // A client that goes away while it is answered is its own affair.
    response.on('error', () => undefined);
    answer(role, message, response, options).catch((error: unknown) => {
      options.log.broke('simulator_error', error instanceof Error ? (error.stack ?? error.message) : String(error));
      if (!response.headersSent) send(response, { answer: htmlAnswer(500, 'the simulator failed'), broken: null });
    });
  });
}

/** Listens; resolves to the port, which is another one than asked for where that was 0. */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

async function answer(role: HostRole, message: IncomingMessage, response: ServerResponse, options: ServerOptions) {
  const { log, dice, service } = options;
  const { method = 'GET', headers } = message;
  const url = new URL(message.url ?? '/', 'http://localhost');
  const route = routeOf(role, method, url, headers);
  const at = performance.timeOrigin + performance.now();
  const logged: LoggedRequest = {
    kind: route?.kind ?? null,
    at,
    method,
    url: message.url ?? '',
    headers,
    status: null,
  };
  const n = log.arrived(logged);
  judge(role, logged, log);
  const body = await readBody(message);
  // Whoever hung up in the middle of a request has ordered nothing.
  if (body === null) return;
  if (options.latencyMs > 0) await unheldDelay(options.latencyMs);
  if (route === null) {
    logged.status = 404;
    send(response, { answer: htmlAnswer(404, '404 Not Found'), broken: null });
    return;
  }
  const access = parseAuthorization(headers.authorization)?.access ?? null;
  const subjects = subjectsOf(route, url, access);
  const request: ArchiveRequest = { kind: route.kind, n, subjects, role, route, method, url, headers, body };
  const answered = await service(request);
  const delivery = answered === 'reset' ? null : deliveryOf(request, answered, dice);
  if (delivery?.slow === true) await unheldDelay(options.faults.slowSeconds * 1000);
  if (delivery === null) {
    reset(response);
    return;
  }
  logged.status = delivery.answer.status;
  send(response, { ...delivery, answer: compressed(request, delivery.answer) });
}

/** Notes what a good guest does not do. */
function judge(role: HostRole, { kind, method, url, headers }: LoggedRequest, log: RequestLog): void {
  const what = `${method} ${url}`;
  if (kind === null) log.broke('unknown_address', what);
  if (role === 'node' && kind === 'node' && headers.authorization !== undefined)
    log.broke('authorization_at_node', what);
  const agent = headers['user-agent'];
  if (agent === undefined) log.broke('no_user_agent', what);
  // A program's name with nobody to turn to: neither an address to write to nor one to look at.
  else if (!/@|https?:/.test(agent)) log.broke('no_contact', `${what}: ${agent}`);
}

/** A wait that does not keep the process up once the servers are closed. */
function unheldDelay(milliseconds: number): Promise<void> {
  return delay(milliseconds, undefined, { ref: false });
}

async function readBody(message: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}
