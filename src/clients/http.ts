import { gunzipSync } from 'node:zlib';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request as undiciRequest } from 'undici';
import type { Project } from '../domain/entity.ts';
import { answerInWords, readS3Error, requestInWords } from '../domain/queue/failure-reason.ts';
import { linkedSignal } from '../lifetime/linked-signal.ts';
import type { Subject } from './budget.ts';
import { type AnswerDetails, KeyRefusedError, type RequestError, UnreadableError } from './errors.ts';

export interface HttpRequest extends Subject {
  readonly method: 'DELETE' | 'GET' | 'PUT';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** An answer longer than this cannot be judged; nothing of it is kept. */
  readonly maxBytes?: number;
}

/** A request as reasons name it. */
export function nameOf({ method, url }: Pick<HttpRequest, 'method' | 'url'>): string {
  return `${method} ${url}`;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** When its request was sent, after its turn had come; by `performance.now()`. */
  readonly sentAt: number;
}

/** How requests are sent. */
export interface SendingOptions {
  /** Names the program and a contact: what both services ask of robots. */
  readonly userAgent: string;
  readonly timeouts?: Timeouts;
  /** What is sent to prove who we are. Taken out of whatever an answer repeats of it, before anybody reads the answer. */
  readonly secrets?: readonly string[];
}

/** Milliseconds. */
interface Timeouts {
  /** To the answer's beginning, and between two parts of it. */
  readonly read: number;
  /** To the answer's end, however steadily it drips. */
  readonly whole: number;
}

/** Connect and read time-outs in milliseconds, as artwork-indexer has them (domain page artwork-indexer.md). */
const connectTimeout = 10_000;
export const defaultTimeouts: Timeouts = { read: 30_000, whole: 5 * 60_000 };
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

type ReceivedAnswer = Omit<HttpAnswer, 'sentAt'>;

/**
 * Sends one request, at once. Redirects are answers too: who follows one makes a request of its own.
 *
 * @throws {UnreadableError} where no whole answer came.
 */
export async function exchange(
  request: HttpRequest,
  { userAgent, timeouts = defaultTimeouts, secrets = [] }: SendingOptions,
  signal: AbortSignal | undefined,
): Promise<ReceivedAnswer> {
  const limit = linkedSignal(signal);
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
      requestInWords(`no whole answer: ${cause.message || cause.name}`, nameOf(request)),
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
 * pages and the shell, and an address that it redirects to is requested and reported.
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
      throw new UnreadableError(requestInWords(`the answer exceeds ${maxBytes} bytes`, nameOf(request)));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * A gzip answer's content; the bound holds for what comes out, so that a small answer can't fill the memory. Encodings are a
 * list, of several headers perhaps; their names are case-insensitive, and `x-gzip` is gzip (RFC 9110, sections 5.3, 8.4 and
 * 8.4.1.3). Of gzip within gzip nobody bounds the work.
 */
function decode(body: Buffer, encoding: string | string[] | undefined, request: HttpRequest): Buffer {
  const names = String(encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const applied = names.filter((name) => name !== '' && name !== 'identity').join(', ');
  // What has no body (204, say) may name an encoding all the same.
  if (body.length === 0 || applied === '') return body;
  if (applied !== 'gzip' && applied !== 'x-gzip') {
    throw new UnreadableError(
      requestInWords(`the answer is encoded as ${applied}: expected gzip or nothing`, nameOf(request)),
    );
  }
  return gunzipSync(body, { maxOutputLength: request.maxBytes ?? defaultMaxBytes });
}

/** Bytes of a body that are read for what it says. */
const told = 4096;

/** Without the white space before it: S3 sends some as long as it works on a copy, however long that is. */
function beginningOf({ body }: HttpAnswer): string {
  const begins = body.findIndex((byte) => !whiteSpace.has(byte));
  return body.subarray(Math.max(begins, 0), Math.max(begins, 0) + told).toString('utf8');
}

const whiteSpace: ReadonlySet<number> = new Set(Buffer.from(' \t\r\n'));

/** What of an answer is kept for the operator. */
export function detailsOf(answer: HttpAnswer): AnswerDetails {
  const text = beginningOf(answer);
  const error = readS3Error(text);
  return {
    status: answer.status,
    code: error?.code ?? null,
    bodyExcerpt: text.replace(/\s+/g, ' ').trim().slice(0, 300),
    requestId: error?.requestId ?? requestIdOf(answer),
  };
}

/** The id that S3 gives a request it has taken, in a header (its documentation, "Common Response Headers"). */
function requestIdOf({ headers }: HttpAnswer): string | null {
  const header = String(headers['x-amz-request-id'] ?? '');
  return /^[\x21-\x7e]{1,100}$/.test(header) ? header : null;
}

/**
 * One line for a reason: what the answer says, then the request and the archive's id of it.
 *
 * @param request its method and address, or the item's file
 * @param trouble what is wrong with the answer, where its status doesn't say that
 */
export function describeAnswer(request: string, answer: HttpAnswer, trouble?: string): string {
  const words = answerInWords(answer.status, beginningOf(answer));
  const what = trouble === undefined ? words : `${trouble}: ${words}`;
  return requestInWords(what, request, detailsOf(answer).requestId);
}

/**
 * An answer from which nothing follows, as an error: a refused key where a project's key was sent and the answer is 401, else
 * one that can't be read.
 *
 * @param request its method and address, or the item's file
 * @param about.trouble what is wrong with the answer, where its status is as expected
 */
export function unusable(
  request: string,
  answer: HttpAnswer,
  { trouble, project }: { readonly trouble?: string; readonly project?: Project } = {},
): RequestError {
  const message = describeAnswer(request, answer, trouble);
  return answer.status === 401 && project !== undefined
    ? new KeyRefusedError(project.name, message, detailsOf(answer))
    : new UnreadableError(message, detailsOf(answer));
}

/**
 * The code of the S3 error document that an answer holds, whatever its status: a copy may be answered 200, and then with an
 * error, once the status has gone out (S3's documentation of CopyObject). Null where the answer is no such document.
 */
export function errorCodeOf(answer: HttpAnswer): string | null {
  return readS3Error(beginningOf(answer))?.code ?? null;
}

/** The answer's JSON. @throws {UnreadableError} where it is none: a cut or foreign answer, from which nothing follows. */
export function jsonOf(answer: HttpAnswer, request: string): unknown {
  try {
    // A byte order mark is no JSON, and readers may pass over it (RFC 8259, section 8.1).
    return JSON.parse(answer.body.toString('utf8').replace(/^\ufeff/, '')) as unknown;
  } catch {
    throw unusable(request, answer, { trouble: 'the answer is not JSON' });
  }
}

function saidAt({ headers }: Pick<HttpAnswer, 'headers'>): number {
  const date = parseDate(String(headers['date']));
  return Number.isNaN(date) ? Date.now() : date;
}

/**
 * A date of HTTP's in milliseconds; NaN of another text. Of its three forms one names no zone: all mean GMT (RFC 9110,
 * section 5.6.7).
 */
function parseDate(text: string): number {
  return Date.parse(/[a-z]{3} +\d+ [\d:]+ \d{4}$/i.test(text.trim()) ? `${text} GMT` : text);
}

/**
 * Seconds of a Retry-After header, in either of its forms, else null.
 *
 * @param now in milliseconds: when it was said, by the clock of who said it
 */
export function retryAfterSeconds(answer: Pick<HttpAnswer, 'headers'>, now: number = saidAt(answer)): number | null {
  const header = answer.headers['retry-after'];
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return null;
  // Seconds are whole ones, by the RFC; a fraction would be read as a day of 2001, and be no pause at all.
  if (/^\d+(\.\d+)?$/.test(text.trim())) return Number(text);
  const date = parseDate(text);
  return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1000);
}
