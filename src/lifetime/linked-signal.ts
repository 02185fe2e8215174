import { setMaxListeners } from 'node:events';

/** A signal of one piece of work's own. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** To be called when the work has ended: nothing of it stays with the signal that it followed. */
  end(): void;
}

/**
 * Aborts with the signal it follows, or alone. For work that is done again and again under a signal that lives long:
 * `AbortSignal.any` and `timeout`, and Temporal's client (a listener for every request, never removed), each leave
 * something behind at the signal they are given, which adds up.
 */
export function linkedSignal(followed: AbortSignal | undefined): LinkedSignal {
  const own = new AbortController();
  const follow = (): void => own.abort(followed?.reason);
  // How many listen is how much work there is at once, and what a client leaves; neither is a leak.
  setMaxListeners(0, own.signal, ...(followed === undefined ? [] : [followed]));
  if (followed?.aborted === true) follow();
  followed?.addEventListener('abort', follow, { once: true });
  return {
    signal: own.signal,
    abort: (reason) => own.abort(reason),
    end: () => followed?.removeEventListener('abort', follow),
  };
}
