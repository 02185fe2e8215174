/** A count that was counted no further than `limit`: `9,999`, `10,000+`. */
export function atMost(count: number, limit: number): string {
  return count >= limit ? `${limit.toLocaleString('en')}+` : count.toLocaleString('en');
}
