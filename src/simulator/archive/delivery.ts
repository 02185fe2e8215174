import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Answer } from './answer.ts';
import { htmlAnswer } from './answer.ts';
import type { FaultDice } from './fault-dice.ts';
import type { ArchiveRequest } from './routes.ts';

/** How an answer comes over the wire. */
export interface Delivery {
  readonly answer: Answer;
  /** Only half of the body comes; then the connection ends, or nothing more happens. */
  readonly broken: 'stalled' | 'truncated' | null;
  readonly slow: boolean;
}

const documentTypes = /^(?:application|text)\/(?:json|xml)/;

/** What becomes of a good answer on its way. Errors are left as they are: they are faults enough. */
export function deliveryOf(request: ArchiveRequest, answer: Answer, dice: FaultDice): Delivery {
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
export function compressed(request: ArchiveRequest, answer: Answer): Answer {
  const accepts = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const isFile = request.kind === 'node' || request.kind === 'download';
  if (!accepts || isFile || !documentTypes.test(answer.headers['content-type'] ?? '')) return answer;
  return { ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip' }, body: gzipSync(answer.body) };
}

/** Sends an answer, or as much of it as comes. */
export function send(response: ServerResponse, { answer, broken }: Pick<Delivery, 'answer' | 'broken'>): void {
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
export function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}
