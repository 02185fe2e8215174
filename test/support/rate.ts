import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Simulator } from '../../src/simulator/simulator.ts';

/** Requests a second that all processes together may make. */
export interface AllowedRates {
  readonly archive: number;
  readonly musicbrainz: number;
}

export interface SeenRates {
  /** What was above the budget, a line each. */
  readonly broken: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * Seconds. A request leaves up to 25 ms after its turn, and as much is left for its way (src/clients/budget.ts
 * and src/database/brakes/budget.ts, by which turns are 1.05 / rate apart).
 */
const latest = 0.05;
const stretch = 1.05;

/**
 * Watches that all processes together keep the budget: in any one second, and over the whole time. A request's time is
 * when the simulator's process gets to it: so much as this process was late at most, on a busy machine, is allowed for.
 */
export function watchRate(simulator: Simulator, allowed: AllowedRates): { end(): SeenRates } {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const began = performance.now();
  return {
    end() {
      delay.disable();
      const seconds = (performance.now() - began) / 1000;
      const late = latest + delay.max / 1e9;
      const { ws, ...archive } = simulator.requests();
      const asked = [
        ['archive', allowed.archive, sum(archive), simulator.busiestSecond()],
        ['web service', allowed.musicbrainz, ws, simulator.busiestSecond(['ws'])],
      ] as const;
      const most = (rate: number, within: number): number => Math.floor((rate * (within + late)) / stretch) + 1;
      const broken = asked.flatMap(([name, rate, all, busiest]) => [
        ...(busiest > most(rate, 1)
          ? [`${busiest} requests to the ${name} in one second: ${most(rate, 1)} may be`]
          : []),
        ...(all > most(rate, seconds) ? [`${all} requests to the ${name} in ${seconds} s, at ${rate} a second`] : []),
      ]);
      return {
        broken,
        figures: {
          archive_requests: sum(archive),
          archive_busiest_second: simulator.busiestSecond(),
          ws_requests: ws,
          ws_busiest_second: simulator.busiestSecond(['ws']),
          late_ms: Math.round(late * 1000),
        },
      };
    },
  };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
