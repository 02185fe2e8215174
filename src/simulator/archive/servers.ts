import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type AccessKeys, parseAuthorization } from './access-keys.ts';
import { answerDetails, answerDownload, answerMetadata, answerNode, answerScrape } from './answer-reads.ts';
import { answerTasks, type WebService, WebServiceFront } from './answer-tasks.ts';
import { answerWrite } from './answer-writes.ts';
import { type Answer, htmlAnswer, withHeaders } from './answer.ts';
import { answerPerson, type PeoplesSites } from './answer-people.ts';
import type { ArchiveState } from './archive-state.ts';
import { Capacity, type FaultDice } from './fault-dice.ts';
import type { Faults } from './faults.ts';
import {
  type ArchiveRequest,
  type HostRole,
  isBrowser,
  type LoggedRequest,
  type RequestLog,
  type RequestTo,
  type Route,
  routeOf,
  subjectsOf,
  writeKinds,
} from './request-log.ts';

/** How an answer comes over the wire. */
interface Delivery {
  readonly answer: Answer;
  /** Only half of the body comes; then the connection ends, or nothing more happens. */
  readonly broken: 'stalled' | 'truncated' | null;
  readonly slow: boolean;
}

const documentTypes = /^(?:application|text)\/(?:json|xml)/;

/** What becomes of a good answer on its way. Errors are left as they are: they are faults enough. */
function deliveryOf(request: ArchiveRequest, answer: Answer, dice: FaultDice): Delivery {
  const slow = dice.strikes('slow', request);
  if (answer.status !== 200 || answer.body.length === 0) return { answer, broken: null, slow };
  const isDocument = documentTypes.test(answer.headers['content-type'] ?? '') && request.kind !== 'copy';
  if (isDocument && dice.strikes('htmlPage', request)) {
    return { answer: htmlAnswer(200, 'Internet Archive services are temporarily offline'), broken: null, slow };
  }
  if (isDocument && dice.strikes('cut', request)) {
    const length = Math.floor(answer.body.length * (0.1 + 0.8 * dice.chance('cut.where', request)));
    return { answer: { ...answer, body: answer.body.subarray(0, length) }, broken: null, slow };
  }
  const stalled = dice.strikes('stalled', request);
  const truncated = !stalled && dice.strikes('truncated', request);
  return { answer, broken: stalled ? 'stalled' : truncated ? 'truncated' : null, slow };
}

/** Compresses a document for a client that says it takes gzip. Files of items come as they are. */
function compressed(request: ArchiveRequest, answer: Answer): Answer {
  const accepts = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const isFile = request.kind === 'node' || request.kind === 'download';
  if (!accepts || isFile || !documentTypes.test(answer.headers['content-type'] ?? '')) return answer;
  return { ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip' }, body: gzipSync(answer.body) };
}

/** Sends an answer, or as much of it as comes. */
function send(response: ServerResponse, { answer, broken }: Pick<Delivery, 'answer' | 'broken'>): void {
  const { status, headers, body } = answer;
  response.writeHead(status, { ...headers, ...(status === 204 ? {} : { 'content-length': String(body.length) }) });
  if (broken === null) {
    response.end(body);
    return;
  }
  response.flushHeaders();
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => {
    if (broken === 'truncated') response.socket?.end();
  });
}

/** Cuts the connection so that the client sees a reset. */
function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

interface ServerOptions extends PeoplesSites {
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
    const page = role === 'archive' && isBrowser(headers) ? await answerPerson(url, options) : null;
    if (page !== null) {
      send(response, { answer: page, broken: null });
      return;
    }
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
  if (isBrowser(headers)) return;
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

/** What a request meets before anybody reads what it asks for; null: nothing, it is let through. */
function refuse(request: ArchiveRequest, dice: FaultDice, capacity: Capacity): Answer | 'reset' | null {
  if (dice.strikes('connectionReset', request)) return 'reset';
  // The web service has limits of its own.
  if (request.kind === 'ws') return null;
  if (dice.strikes('tooManyRequests', request)) {
    return withHeaders(htmlAnswer(429, '429 Too Many Requests'), capacity.retryAfter(request));
  }
  if (!writeKinds.includes(request.kind) && dice.strikes('serviceUnavailable', request)) {
    return withHeaders(htmlAnswer(503, '503 Service Temporarily Unavailable'), capacity.retryAfter(request));
  }
  return null;
}

interface ServiceOptions {
  readonly state: ArchiveState;
  readonly faults: Faults;
  readonly dice: FaultDice;
  readonly now: () => number;
  readonly keys: () => AccessKeys;
  readonly webService: WebService;
  /** The origin of the second host, known once it listens. */
  readonly nodeOrigin: () => string;
}

/** Answers requests as archive.org and its neighbours do; `reset`: the client gets no answer. */
type Service = (request: ArchiveRequest) => Promise<Answer | 'reset'>;

export function createService(options: ServiceOptions): Service {
  const { dice, nodeOrigin } = options;
  const capacity = new Capacity(options);
  const front = new WebServiceFront(options);
  const writes = { ...options, capacity, otherHost: nodeOrigin };
  return async (request) => {
    const refusal = refuse(request, dice, capacity);
    if (refusal !== null) return refusal;
    if (isTo(request, 'metadata')) return answerMetadata(request, options);
    if (isTo(request, 'download')) return answerDownload(request, options);
    if (isTo(request, 'node')) return answerNode(request, options);
    if (isTo(request, 'details')) return answerDetails(request, options);
    if (isTo(request, 'tasks')) return answerTasks(request, options);
    if (isTo(request, 'scrape')) return answerScrape(request, options);
    if (isTo(request, 'check_limit')) return capacity.check(request);
    if (isTo(request, 'ws')) return front.answer(request);
    return answerWrite(request as RequestTo<'copy' | 'delete' | 'put'>, writes);
  };
}

function isTo<Kind extends Route['kind']>(request: ArchiveRequest, kind: Kind): request is RequestTo<Kind> {
  return request.route.kind === kind;
}
