import type { SettingDifference } from '../database/workers.ts';

/** In what workers differ: `[events] concurrency: 4 at 12@one; 8 at 7@two`. */
export function settingDifferenceInWords({ setting, values }: SettingDifference): string {
  return `${setting}: ${values.map(({ value, workers }) => `${value ?? 'not set'} at ${workers.join(', ')}`).join('; ')}`;
}
