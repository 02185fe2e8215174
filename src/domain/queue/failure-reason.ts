/*
 * Why requests and attempts failed, as one line that says first what happened and last to which request:
 * `HTTP 404 NoSuchKey: The specified key does not exist (PUT mbid-…/index.json, RequestId 0f1e-2d)`. Written by the clients,
 * and read by whoever shows it. `reasonKind` (database/queue/event-sql.ts) reads the same form.
 */

/** What S3's error document says. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
interface S3Error {
  /** As `NoSuchKey`; `Unknown` where it names none. */
  readonly code: string;
  /** One line, without its full stop; null where there is none, or it was cut off. */
  readonly message: string | null;
  readonly requestId: string | null;
}

/**
 * Reads the S3 error document that a text is, or begins with where the text was cut. Null where it is none.
 *
 * Not by the XML parser, which wants whole documents.
 */
export function readS3Error(text: string): S3Error | null {
  // While it works, S3 sends white space, so that the connection isn't taken for dead.
  if (!/^\ufeff?\s*(?:<\?xml[^>]*\?>\s*)?<Error[\s/>]/.test(text)) return null;
  return {
    code: /<Code>\s*([^<\s]{1,100})\s*<\/Code>/.exec(text)?.[1] ?? 'Unknown',
    message: sentence(/<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? ''),
    requestId: /<RequestId>([^<]{1,100})<\/RequestId>/.exec(text)?.[1] ?? null,
  };
}

/** Characters of what an answer says that are told. */
const longestSaying = 200;

/**
 * What an answer says: `HTTP 404 NoSuchKey: The specified key does not exist`, `HTTP 502: Bad Gateway`. Of a page its title, of
 * another document its text.
 *
 * @param body its beginning
 */
export function answerInWords(status: number, body: string): string {
  const error = readS3Error(body);
  const title = /<(?:title|text)[^>]*>([^<]+)</i.exec(body)?.[1];
  const saying = error === null ? sentence((title ?? body).replace(/<[^>]*>?/g, ' ')) : error.message;
  const said = saying?.replace(new RegExp(`^${status}\\s+`), '') ?? '';
  return `HTTP ${status}${error === null ? '' : ` ${error.code}`}${said === '' ? '' : `: ${said}`}`;
}

/**
 * What happened to a request, as one line.
 *
 * @param request its method and address, or the item's file
 */
export function requestInWords(what: string, request: string, requestId: string | null = null): string {
  return `${what} (${request}${requestId === null ? '' : `, RequestId ${requestId}`})`;
}

/** A reason, taken apart for people. */
export interface FailureReason {
  /** `HTTP 404 NoSuchKey: The specified key does not exist`. */
  readonly what: string;
  /** To which request that was answered, and the archive's id of it; null where the reason names none. */
  readonly where: string | null;
  /** The beginning of the raw answer, where the reason has it. */
  readonly answer: string | null;
}

/** Takes a reason apart, whoever wrote it. What has another form is shown whole. */
export function readReason(reason: string): FailureReason {
  // As earlier versions wrote it, with the answer in it.
  const raw = /^(?:([^]*?): )?HTTP (\d{3})(?: \(RequestId [^)]*\))?: (\ufeff?\s*<[^]*)$/.exec(reason);
  const error = raw === null ? null : readS3Error(raw[3]!);
  if (raw !== null && error !== null) {
    const where = [raw[1], error.requestId && `RequestId ${error.requestId}`].filter(Boolean).join(', ');
    return { what: answerInWords(Number(raw[2]), raw[3]!), where: where || null, answer: raw[3]! };
  }
  const request = / \(((?:DELETE|GET|PUT) [^()]*)\)/.exec(reason);
  if (request === null) return { what: reason, where: null, answer: null };
  return { what: reason.replace(request[0], ''), where: request[1]!, answer: null };
}

const entities: Readonly<Record<string, string>> = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' };

/** A text of XML as one line without its full stop; null where nothing is left of it. */
function sentence(text: string): string | null {
  const plain = text.replace(/&(amp|apos|gt|lt|quot);/g, (_, name: string) => entities[name]!);
  const line = plain
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[. ]+$/, '');
  const characters = [...line.slice(0, 4 * longestSaying)];
  if (characters.length > longestSaying) return `${characters.slice(0, longestSaying - 1).join('')}…`;
  return line === '' ? null : line;
}
