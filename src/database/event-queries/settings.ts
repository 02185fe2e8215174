import type { Config } from '../../config/config.ts';

/** What of the configuration the queue's rules depend on. */
export interface EventSettings {
  readonly events: Pick<Config['events'], 'attemptDelaySeconds' | 'foreignRunningMinutes'>;
}

/** What, beside them, is needed where an event ends and its entities are looked at. */
export interface EndSettings extends EventSettings {
  readonly audit: Pick<Config['audit'], 'recentDays' | 'settleMinutes'>;
}
