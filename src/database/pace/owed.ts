/** What the pace has come to: how much of an audit is owed, and when that was reckoned last. */
export interface Account {
  /** Null before the first tick. */
  readonly lastTickAt: Date | null;
  readonly owed: number;
}

export interface Rate {
  readonly perHour: number;
  readonly tickSeconds: number;
}

/** So that six sixths are one: sums of fractions fall short of it. Far below what any rate adds in a day. */
const tolerance = 1e-6;

/** Just below one: what is left over starts one audit at the next chance, never a tick's share on top of another. */
const mostLeftOver = 0.999;

/**
 * What is owed at `now`: what was owed, and the time since at the given rate.
 *
 * A run that is late, or one that was lost, counts in full; after a longer pause only one tick does, so nothing is
 * caught up. Where the clock went back nothing is added.
 */
export function reckon(account: Account, now: Date, rate: Rate): Account {
  const { lastTickAt } = account;
  const tick = rate.tickSeconds;
  if (lastTickAt === null) return { lastTickAt: now, owed: account.owed + share(tick, rate) };
  const passed = (now.getTime() - lastTickAt.getTime()) / 1000;
  // A step back of a tick or two is a repeated or late run; a longer one is a clock that was set, and counts from there.
  if (passed <= 0) return { lastTickAt: passed < -2 * tick ? now : lastTickAt, owed: account.owed };
  // The half tick is for runs that are late by a little, each of them.
  return { lastTickAt: now, owed: account.owed + share(passed <= 2.5 * tick ? passed : tick, rate) };
}

/** Whole audits that may be started. */
export function startable(owed: number): number {
  return Math.floor(owed + tolerance);
}

/** What is owed after so many were started: less than one, whatever kept the others back. */
export function afterStarting(owed: number, started: number): number {
  return Math.min(Math.max(owed - started, 0), mostLeftOver);
}

function share(seconds: number, rate: Rate): number {
  return (seconds / 3600) * rate.perHour;
}
