import { createRandom } from '../random.ts';
import { parseAuthorization } from './access-keys.ts';
import type { StoredFile } from './item.ts';
import type { ArchiveRequest } from './request-log.ts';
import { escapeXml } from '../musicbrainz/xml.ts';

/** What a request is answered with, before faults of the delivery. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const nothing = Buffer.alloc(0);

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: nothing };
}

export function jsonAnswer(value: unknown, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) };
}

export function htmlAnswer(status: number, text: string, contentType = 'text/html'): Answer {
  const html = `<html>\n<head><title>${text}</title></head>\n<body>\n<center><h1>${text}</h1></center>\n<hr><center>nginx/1.25.1</center>\n</body>\n</html>\n`;
  return pageAnswer(status, html, contentType);
}

export function pageAnswer(status: number, html: string, contentType = 'text/html'): Answer {
  return { status, headers: { 'content-type': contentType }, body: Buffer.from(html) };
}

export function fileAnswer({ content, mtime }: StoredFile, contentType: string): Answer {
  const headers = {
    'content-type': contentType,
    'last-modified': new Date(mtime * 1000).toUTCString(),
    etag: `"${content.md5}"`,
  };
  return { status: 200, headers, body: content.bytes };
}

export function redirectAnswer(status: 302 | 307, location: string): Answer {
  return { ...htmlAnswer(status, status === 302 ? '302 Found' : '307 Temporary Redirect'), headers: { location } };
}

export function withHeaders(answer: Answer, headers: Readonly<Record<string, string>>): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/** The errors that the simulated S3 gives, each with its status and its message. */
const errors = {
  AccessDenied: [403, 'Access Denied'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The AWS Access Key Id you provided does not exist in our records.'],
  InvalidArgument: [400, 'Invalid Argument'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  ServiceUnavailable: [503, 'Service is unable to handle request.'],
  SignatureDoesNotMatch: [
    403,
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  ],
  SlowDown: [503, 'Please reduce your request rate.'],
} as const satisfies Record<string, readonly [number, string]>;

/** S3 repeats the access key where it refuses it: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function repeatedKey({ headers }: ArchiveRequest, code: S3ErrorCode): string {
  const key =
    code === 'InvalidAccessKeyId' || code === 'SignatureDoesNotMatch'
      ? parseAuthorization(headers.authorization)
      : null;
  return key === null ? '' : `<AWSAccessKeyId>${escapeXml(key.access)}</AWSAccessKeyId>`;
}

/** What S3 calls a request by, in errors and in the header of every other answer. */
export function requestIdOf({ kind, n }: ArchiveRequest): string {
  return createRandom(`request/${kind}/${n}`).uuid();
}

type S3ErrorCode = keyof typeof errors;

/** An error as S3 words it. `detail` follows the message; the status may be another than the code's usual one. */
export function s3Error(
  request: ArchiveRequest,
  code: S3ErrorCode,
  detail = '',
  status: number = errors[code][0],
): Answer {
  const message = detail === '' ? errors[code][1] : `${errors[code][1]} ${detail}`;
  const body = [
    `<?xml version='1.0' encoding='UTF-8'?>`,
    `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message>` +
      repeatedKey(request, code) +
      `<Resource>${escapeXml(decodeURI(request.url.pathname.replace(/^\/s3/, '')))}</Resource>` +
      `<RequestId>${requestIdOf(request)}</RequestId></Error>`,
  ].join('\n');
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) };
}
