import type { AccessKeys } from './access-keys.ts';
import type { Answer } from './answer.ts';
import { answerDownload, answerNode } from './answer-downloads.ts';
import { answerDetails, answerMetadata } from './answer-metadata.ts';
import { answerScrape } from './answer-scrape.ts';
import { answerTasks } from './answer-tasks.ts';
import type { WebService } from './answer-web-service.ts';
import { WebServiceFront } from './answer-web-service.ts';
import { answerWrite } from './answer-writes.ts';
import type { ArchiveState } from './archive-state.ts';
import { Capacity } from './capacity.ts';
import type { FaultDice } from './fault-dice.ts';
import type { Faults } from './faults.ts';
import { refuse } from './refusals.ts';
import type { ArchiveRequest, RequestTo, Route } from './routes.ts';

export interface ServiceOptions {
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
export type Service = (request: ArchiveRequest) => Promise<Answer | 'reset'>;

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
