import type { Queryable } from '../../database/connection.ts';
import type { EntityKey } from '../../domain/entity.ts';
import { projects } from '../../domain/project.ts';
import { handleWebService, type WebServiceAnswer, type WebServiceRequest } from './web-service.ts';

/**
 * A web service that reads another database than ours, as one does where a replica is behind or an address is wrong: of
 * some entities it goes on to give what there was, whatever becomes of their rows.
 */
export class LaggingWebService {
  readonly #musicbrainz: Queryable;
  readonly #kept = new Map<string, WebServiceAnswer>();

  constructor(musicbrainz: Queryable) {
    this.#musicbrainz = musicbrainz;
  }

  /** Gives, from now on, what there is now of these. */
  async keep(keys: readonly EntityKey[]): Promise<void> {
    for (const key of keys) {
      const url = addressOf(key);
      this.#kept.set(url, await handleWebService(this.#musicbrainz, { method: 'GET', url }));
    }
  }

  /** Gives what the rows say, again. */
  catchUp(): void {
    this.#kept.clear();
  }

  async answer(request: WebServiceRequest): Promise<WebServiceAnswer> {
    return this.#kept.get(request.url) ?? handleWebService(this.#musicbrainz, request);
  }
}

function addressOf({ entityType, gid }: EntityKey): string {
  return `/ws/2/${entityType}/${gid}?inc=${projects[entityType].webServiceInc}`;
}
