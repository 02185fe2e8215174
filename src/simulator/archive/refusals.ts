import type { Answer } from './answer.ts';
import { htmlAnswer, withHeaders } from './answer.ts';
import type { Capacity } from './capacity.ts';
import type { FaultDice } from './fault-dice.ts';
import { writeKinds } from './request-kinds.ts';
import type { ArchiveRequest } from './routes.ts';

/** What a request meets before anybody looks at what it asks for; null: nothing, it is let through. */
export function refuse(request: ArchiveRequest, dice: FaultDice, capacity: Capacity): Answer | 'reset' | null {
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
