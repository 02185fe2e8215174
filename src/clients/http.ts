import { gunzipSync } from 'node:zlib';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request as undiciRequest } from 'undici';
import { type AnswerClass, answerClassOf, type RequestMeter } from './answered-request.ts';
import type { Budget, Subject } from './budget.ts';
import { type AnswerDetails, UnreadableError } from './errors.ts';
import type { RequestCounts } from '../domain/queue/request-count.ts';
import { ownSignal } from '../lifetime/linked-signal.ts';

export interface HttpRequest extends Subject {
  readonly method: 'DELETE' | 'GET' | 'PUT';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** An answer longer than this cannot be judged; nothing of it is kept. */
  readonly maxBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** When its request was sent, after its turn had come; by `performance.now()`. */
  readonly sentAt: number;
}

export interface HttpOptions {
  /** Names the program and a contact: what both services ask of robots. */
  readonly userAgent: string;
  /** Aborts what is in hand, e.g. when Temporal cancels the activity. */
  readonly signal?: (() => AbortSignal | undefined) | undefined;
  readonly timeouts?: Timeouts;
  /** What is sent to prove who we are. Taken out of whatever an answer repeats of it, before anybody looks at the answer. */
  readonly secrets?: readonly string[];
  /** Told every request that was sent, whatever came of it. */
  readonly meter?: RequestMeter | undefined;
}

/** Milliseconds. */
export interface Timeouts {
  /** To the answer's beginning, and between two parts of it. */
  readonly read: number;
  /** To the answer's end, however steadily it drips. */
  readonly whole: number;
}

/** Sends requests of one service, each after its turn in the service's budget. */
export interface HttpClient {
  /**
   * The answer, whatever its status. Redirects are answers too: who follows one makes a request of its own.
   *
   * @throws {UnreadableError} where no whole answer came.
   * @throws {CoolDownError} where the turn is further away than is waited for; nothing was sent.
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** What was sent so far through this client. */
  readonly counts: RequestCounts;
}

/** Connect and read time-outs in milliseconds, as artwork-indexer has them (domain page artwork-indexer.md). */
const connectTimeout = 10_000;
const defaultTimeouts: Timeouts = { read: 30_000, whole: 5 * 60_000 };
const defaultMaxBytes = 16 * 1024 * 1024;

/**
 * Opens what connections to addresses of `http:` or `https:` come from: straight, or through the proxy that the environment
 * names (`http_proxy`, `https_proxy`, else `all_proxy`; `no_proxy`), as artwork-indexer's requests do. This machine is never
 * asked through a proxy.
 */
export function openAgent(protocol: 'http:' | 'https:', env: NodeJS.ProcessEnv): Dispatcher {
  const named = (name: string): string | undefined => (env[name] ?? env[name.toUpperCase()])?.trim() || undefined;
  const options = { connect: { timeout: connectTimeout } };
  const proxy = named(protocol === 'http:' ? 'http_proxy' : 'https_proxy') ?? named('all_proxy');
  if (proxy === undefined) return new Agent(options);
  const except = named('no_proxy');
  const noProxy = except === '*' ? '*' : [except, 'localhost', '127.0.0.1', '[::1]'].filter(Boolean).join(',');
  // Many proxies let nobody through to other ports than that of https.
  const proxyTunnel = protocol === 'https:';
  return new EnvHttpProxyAgent({ ...options, httpProxy: proxy, httpsProxy: proxy, noProxy, proxyTunnel });
}

/** One pair for the process: undici keeps one pool a host in each. */
const agents = { 'http:': openAgent('http:', process.env), 'https:': openAgent('https:', process.env) };

/** Opens a client with counts of its own over the process' connections. */
export function openHttp(budget: Budget, options: HttpOptions): HttpClient {
  const counts: RequestCounts = {};
  return {
    counts,
    async send(request) {
      const signal = options.signal?.();
      await budget.takeTurn(request, signal);
      counts[request.kind] = (counts[request.kind] ?? 0) + 1;
      return metered(request, options, signal);
    },
  };
}

async function metered(
  request: HttpRequest,
  options: HttpOptions,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  const sentAt = performance.now();
  let answered: AnswerClass = 'none';
  try {
    const answer = { ...(await exchange(request, options, signal)), sentAt };
    answered = answerClassOf(answer.status);
    return answer;
  } catch (error) {
    if (signal?.aborted) answered = 'aborted';
    throw error;
  } finally {
    options.meter?.({ kind: request.kind, answer: answered, seconds: (performance.now() - sentAt) / 1000 });
  }
}

type ReceivedAnswer = Omit<HttpAnswer, 'sentAt'>;

async function exchange(
  request: HttpRequest,
  { userAgent, timeouts = defaultTimeouts, secrets = [] }: HttpOptions,
  signal: AbortSignal | undefined,
): Promise<ReceivedAnswer> {
  const limit = ownSignal(signal);
  const timer = setTimeout(() => limit.abort(new DOMException('it took too long', 'TimeoutError')), timeouts.whole);
  try {
    const answer = await undiciRequest(request.url, {
      method: request.method,
      headers: { 'user-agent': userAgent, 'accept-encoding': 'gzip', ...request.headers },
      body: request.body ?? null,
      dispatcher: request.url.startsWith('https:') ? agents['https:'] : agents['http:'],
      headersTimeout: timeouts.read,
      bodyTimeout: timeouts.read,
      signal: limit.signal,
    });
    const body = decode(await readWhole(answer.body, request), answer.headers['content-encoding'], request);
    return withoutSecrets({ status: answer.statusCode, headers: answer.headers, body }, secrets);
  } catch (error) {
    if (signal?.aborted || error instanceof UnreadableError) throw error;
    const cause = error instanceof Error ? error : new Error(String(error));
    throw new UnreadableError(
      `${request.method} ${request.url}: no whole answer (${cause.message || cause.name})`,
      { status: null, code: null, bodyExcerpt: '', requestId: null },
      {
        cause,
      },
    );
  } finally {
    clearTimeout(timer);
    limit.end();
  }
}

/** Shorter ones would be found inside of words, and the answer would say something else. No key is that short. */
const shortestSecret = 6;

/**
 * An answer as it came, but for secrets in its headers and body: what is kept of it goes to attempts, brakes, Temporal,
 * pages and the shell, and an address that it redirects to is asked and told of.
 */
function withoutSecrets(answer: ReceivedAnswer, secrets: readonly string[]): ReceivedAnswer {
  const written = secrets
    .filter((secret) => secret.length >= shortestSecret)
    .flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const clean = (text: string): string => written.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
  const headers = Object.entries(answer.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(clean) : value && clean(value),
  ]);
  // Byte by byte, as keys are ASCII: whatever else the body is stays as it is. Hardly any repeats one.
  const body = written.some((secret) => answer.body.includes(secret))
    ? Buffer.from(clean(answer.body.toString('latin1')), 'latin1')
    : answer.body;
  return { ...answer, headers: Object.fromEntries(headers) as HttpAnswer['headers'], body };
}

async function readWhole(stream: AsyncIterable<Uint8Array>, request: HttpRequest): Promise<Buffer> {
  const maxBytes = request.maxBytes ?? defaultMaxBytes;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection: the rest is not read.
    if (length > maxBytes)
      throw new UnreadableError(`${request.method} ${request.url}: answer exceeds ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * A gzip answer's content; the bound holds for what comes out, so that a small answer can't fill the memory. Names of
 * encodings are case-insensitive, and `x-gzip` is gzip (RFC 9110, sections 8.4.1 and 8.4.1.3).
 */
function decode(body: Buffer, encoding: string | string[] | undefined, request: HttpRequest): Buffer {
  const name = String(encoding ?? '')
    .trim()
    .toLowerCase();
  // What has no body (204, say) may name an encoding all the same.
  if (body.length === 0 || name === '' || name === 'identity') return body;
  if (name !== 'gzip' && name !== 'x-gzip') {
    throw new UnreadableError(
      `${request.method} ${request.url}: answer is encoded as ${name}: expected gzip or nothing`,
    );
  }
  return gunzipSync(body, { maxOutputLength: request.maxBytes ?? defaultMaxBytes });
}

/** What of an answer is kept for the operator. */
export function detailsOf(answer: HttpAnswer): AnswerDetails {
  const text = answer.body.subarray(0, 4096).toString('utf8');
  const requestId = /<RequestId>([^<]{1,100})<\/RequestId>/.exec(text)?.[1] ?? null;
  return {
    status: answer.status,
    code: errorCodeOf(answer),
    bodyExcerpt: text.replace(/\s+/g, ' ').trim().slice(0, 300),
    requestId,
  };
}

/** One line for a reason: status, the archive's request id and what it said. */
export function describeAnswer(answer: HttpAnswer): string {
  const { status, bodyExcerpt: excerpt, requestId } = detailsOf(answer);
  return `HTTP ${status}${requestId === null ? '' : ` (RequestId ${requestId})`}${excerpt === '' ? '' : `: ${excerpt}`}`;
}

/**
 * The code of the S3 error document that an answer holds, whatever its status: a copy may be answered 200, and then with an
 * error, once the status has gone out (S3's documentation of CopyObject). Null where the answer is no such document.
 */
export function errorCodeOf({ body }: HttpAnswer): string | null {
  const text = body.subarray(0, 4096).toString('utf8');
  // While it works, S3 sends white space, so that the connection isn't taken for dead.
  if (!/^\ufeff?\s*(?:<\?xml[^>]*\?>\s*)?<Error[\s/>]/.test(text)) return null;
  return /<Code>\s*([^<\s]{1,100})\s*<\/Code>/.exec(text)?.[1] ?? 'Unknown';
}

/** The answer's JSON. @throws {UnreadableError} where it is none: a cut or foreign answer, from which nothing follows. */
export function jsonOf(answer: HttpAnswer, what: string): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8')) as unknown;
  } catch {
    throw new UnreadableError(`${what}: answer is not JSON: ${describeAnswer(answer)}`, detailsOf(answer));
  }
}

/** Seconds of a Retry-After header, in either of its forms, else null. `now` in milliseconds. */
export function retryAfterSeconds(answer: Pick<HttpAnswer, 'headers'>, now: number = Date.now()): number | null {
  const header = answer.headers['retry-after'];
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return null;
  if (/^\d+$/.test(text.trim())) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1000);
}
