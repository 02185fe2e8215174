import type { AccessKeys } from './access-keys.ts';
import { judgeKey, parseAuthorization } from './access-keys.ts';
import type { Answer } from './answer.ts';
import { jsonAnswer } from './answer.ts';
import type { ReadContext } from './answer-metadata.ts';
import type { RequestTo } from './routes.ts';

const none = { queued: 0, running: 0, error: 0, paused: 0 };

/** `GET /services/tasks.php?summary=1&identifier=…`, for those with keys only. */
export function answerTasks(
  request: RequestTo<'tasks'>,
  { state, dice, keys }: ReadContext & { readonly keys: () => AccessKeys },
): Answer {
  if (judgeKey(keys(), parseAuthorization(request.headers.authorization)) !== 'accepted') {
    return jsonAnswer({ success: false, error: 'You must be logged in to use this service' }, 401);
  }
  if (dice.strikes('tasksError', request)) return jsonAnswer({ success: false, error: 'Catalog is unavailable' });
  const identifier = request.url.searchParams.get('identifier');
  if (identifier === null) return jsonAnswer({ success: false, error: 'identifier is required' }, 400);
  const item = state.bucket(identifier);
  const summary = item === undefined ? none : state.tasksOf(item);
  return jsonAnswer({ success: true, value: { summary } });
}
