import { parseAuthorization } from './access-keys.ts';
import { createRandom } from '../random.ts';
import type { Answer } from './answer.ts';
import type { ArchiveRequest } from './routes.ts';
import { escapeXml } from './xml.ts';

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

export type S3ErrorCode = keyof typeof errors;

/** An error as S3 words it. `detail` follows the message; the status may be another than the code's usual one. */
export function s3Error(
  request: ArchiveRequest,
  code: S3ErrorCode,
  detail = '',
  status: number = errors[code][0],
): Answer {
  const message = detail === '' ? errors[code][1] : `${errors[code][1]} ${detail}`;
  const requestId = createRandom(`request/${request.kind}/${request.n}`).uuid();
  const body = [
    `<?xml version='1.0' encoding='UTF-8'?>`,
    `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message>` +
      repeatedKey(request, code) +
      `<Resource>${escapeXml(decodeURI(request.url.pathname.replace(/^\/s3/, '')))}</Resource>` +
      `<RequestId>${requestId}</RequestId></Error>`,
  ].join('\n');
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) };
}
