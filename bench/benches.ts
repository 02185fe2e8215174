import type { Bench } from './bench.ts';

/** A bench, and how `bench.ts` runs it. Its file is loaded when it is its turn: it reads its sizes from the environment then. */
export interface BenchEntry {
  readonly name: string;
  readonly load: () => Promise<Bench>;
  /** Sizes of the short form, by their environment variables: enough to see that it measures, too little to say how much. */
  readonly short: Readonly<Record<string, string>>;
  /** Figures that some row must have, each a number above 0: a bench without them has measured nothing. */
  readonly figures: readonly string[];
}

/** All of them, in the order in which they run. A new one is an entry here. */
export const benches: readonly BenchEntry[] = [
  {
    name: 'pass',
    load: async () => (await import('./pass.ts')).pass,
    short: { BENCH_PASS_ENTITIES: '200' },
    figures: [
      'in_step_before',
      'in_step_after',
      'events_each',
      'request_metadata',
      'reviews',
      'pass_days',
      'estimate_ratio',
    ],
  },
  {
    name: 'events',
    load: async () => (await import('./events.ts')).events,
    short: {
      BENCH_EVENTS: '60',
      BENCH_QUEUED: '2000',
      BENCH_SINGLE_EVENTS: '3',
      BENCH_SILENCE_SECONDS: '1',
      BENCH_QUIET_SECONDS: '2',
      BENCH_PEER_EVENTS: '3',
    },
    figures: [
      'events_per_second',
      'requests_per_second',
      'attempt_p50_s',
      'first_request_p50_s',
      'peer_events_per_second',
    ],
  },
  {
    name: 'peers',
    load: async () => (await import('./peers.ts')).peers,
    short: {
      BENCH_EVENTS: '20',
      BENCH_CLAIMED: '100',
      BENCH_PEER_EVENTS: '3',
      BENCH_SINGLE_EVENTS: '2',
      BENCH_SILENCE_SECONDS: '1',
    },
    figures: ['events_per_second', 'jobs_per_second', 'statements_each', 'our_rate_of_its', 'our_wait_of_its'],
  },
  {
    name: 'audits',
    load: async () => (await import('./audits.ts')).audits,
    short: { BENCH_AUDITS: '60', BENCH_IMAGES: '20000' },
    figures: ['audits_per_second', 'bare_workflows_per_second', 'share_of_bare', 'observe_ms'],
  },
  {
    name: 'shell',
    load: async () => (await import('./shell-audits.ts')).shell,
    short: { BENCH_ENTITIES: '400' },
    figures: ['audits_per_second', 'cpu_ms_per_audit', 'cpu_ms_of_postgresql', 'cpu_ms_of_simulator', 'of_one'],
  },
  {
    name: 'workers',
    load: async () => (await import('./workers.ts')).workers,
    short: { BENCH_EVENTS: '30', BENCH_AUDITS: '40' },
    figures: ['events_per_second', 'audits_per_second', 'events_of_one', 'audits_of_one'],
  },
  {
    name: 'cost',
    load: async () => (await import('./cost.ts')).cost,
    short: { BENCH_COUNTED: '20', BENCH_PACED: '5', BENCH_IDLE_SECONDS: '5' },
    figures: [
      'statements_each',
      'transactions_each',
      'database_ms_each',
      'history_events_p50',
      'history_bytes_p50',
      'short_way_share',
      'transactions_per_minute',
    ],
  },
  {
    name: 'starts',
    load: async () => (await import('./starts.ts')).starts,
    short: { BENCH_ROUNDS: '3' },
    figures: ['start_cpu_ms', 'start_of_bare', 'start_ms'],
  },
  {
    name: 'scale',
    load: async () => (await import('./scale.ts')).scale,
    short: {
      BENCH_SIZES: '10000,20000',
      BENCH_CHURNED: '20000',
      BENCH_KEPT: '2000',
      BENCH_ROWS: '20000',
      BENCH_SEEN_AGAIN: '1000',
    },
    figures: [
      'ms_growth',
      'blocks_growth',
      'ms_at_20000000',
      'blocks_next_claim',
      'audits_each',
      'bytes_each',
      'backfill_ratio',
      'bare_insert_seconds',
      'image_bytes',
      'image_bytes_seen_again',
      'remember_ms_median',
      'plan_seconds',
    ],
  },
  {
    name: 'dashboard',
    load: async () => (await import('./dashboard.ts')).dashboard,
    short: { BENCH_ROWS: '20000', BENCH_VISITS: '5' },
    figures: ['p50_ms', 'p95_ms'],
  },
];
