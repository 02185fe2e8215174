/** How many logins may be begun in a minute. */
export interface LoginLimits {
  readonly perAddress: number;
  readonly overall: number;
}

/** Milliseconds. */
const span = 60_000;

/**
 * Counts logins of the current minute. In memory: each process has a count of its own, which is no larger than the limit
 * for all together.
 *
 * @returns a function that gives the seconds to wait, or null where the login may go on and was counted
 */
export function limitLogins(): (address: string, limits: LoginLimits, now?: number) => number | null {
  let began = -Infinity;
  let overall = 0;
  const counts = new Map<string, number>();
  return (address, limits, now = Date.now()) => {
    // A clock that was set back begins anew, too.
    if (now - began >= span || now < began) {
      began = now;
      overall = 0;
      counts.clear();
    }
    const count = counts.get(address) ?? 0;
    if (count >= limits.perAddress || overall >= limits.overall) return Math.ceil((began + span - now) / 1000);
    overall += 1;
    counts.set(address, count + 1);
    return null;
  };
}
