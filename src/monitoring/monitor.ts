import type { Client } from '@temporalio/client';
import { Gauge, Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import { openDatabase } from '../database/connection.ts';
import { readFigures } from '../database/figures/index.ts';
import { readSchemaDrift } from '../database/schema-drift/index.ts';
import { inOneLine } from '../terminal/in-one-line.ts';
import { addressOf, openTemporalLazily, type TemporalConfig } from '../temporal/connection.ts';
import { askDependencies, type Dependency } from './dependencies.ts';
import { openFigureMetrics } from './figure-metrics.ts';
import { type Health, healthOf, type Phase } from './health.ts';
import { keep } from './kept.ts';
import { countLostClaims } from './lost-claims.ts';
import { openProcessMetrics, type ProcessMetrics } from './process-metrics.ts';

export interface MonitorSetup {
  /** The configuration as it is at the moment of asking. */
  readonly config: () => Config;
  readonly temporal: TemporalConfig;
  /** What this process is up to; ready while it is `running`. */
  readonly phase: () => Phase;
  /** Takes over what else there is to give out, right before it is. */
  readonly beforeScrape?: () => void;
  readonly registry?: Registry;
  /** Told why figures can't be read. */
  readonly warn?: (line: string) => void;
}

export interface Readiness {
  readonly ready: boolean;
  readonly phase: Phase;
  readonly dependencies: readonly Dependency[];
}

/** What a process tells of itself and of what it depends on. Nothing here throws: what can't be told is said to be so. */
export interface Monitor {
  /** To be told of this process' requests and outcomes. */
  readonly process: ProcessMetrics;
  health(): Health;
  readiness(): Promise<Readiness>;
  /** In Prometheus' text form. */
  metrics(): Promise<string>;
  readonly metricsType: string;
  close(): Promise<void>;
}

/**
 * Opens a monitor. It has connections of its own: a worker whose own are all in use, or that waits for Temporal, can
 * still tell so.
 */
export function openMonitor(setup: MonitorSetup): Monitor {
  const { config, phase, registry = new Registry() } = setup;
  const timeout = (): number => config().monitoring.timeoutSeconds * 1000;
  const process = openProcessMetrics(registry);
  const db = openDatabase({
    ...config().database,
    max: 2,
    connectionTimeoutMillis: timeout(),
    application_name: 'artwork-reconciler monitoring',
  });
  const temporal: Client = openTemporalLazily(setup.temporal);
  const setFigures = openFigureMetrics(registry);
  const available = new Gauge({
    name: 'artwork_reconciler_dependency_up',
    help: 'Whether a dependency is there: 1, or 0',
    labelNames: ['dependency'],
    registers: [registry],
  });

  const temporalAddress = addressOf(setup.temporal);
  const sources = () => ({ db, temporal, temporalAddress, timeout: timeout(), lastAnswers: process.lastAnswers });
  const options = {
    keep: () => config().monitoring.keepSeconds * 1000,
    patience: timeout,
    onError: (error: unknown) => setup.warn?.(`figures can't be read: ${inOneLine(error)}`),
  };
  const figures = keep(() => readFigures(db, config(), config().monitoring.timeoutSeconds), options);
  const drift = keep(() => readSchemaDrift(db, config().monitoring.timeoutSeconds), options);
  const lost = keep(() => countLostClaims(db, temporal, { ...config().housekeeping, timeout: timeout() }), options);
  const dependencies = keep(() => askDependencies(sources()), { ...options, patience: () => 3 * timeout() });
  let asking: Promise<readonly Dependency[]> | undefined;

  return {
    process,
    metricsType: registry.contentType,
    health: () => healthOf(phase()),
    async readiness() {
      // Never what was kept: whoever asks wants to know how it is now. Those who ask at once share an answer.
      asking ??= askDependencies(sources()).finally(() => (asking = undefined));
      const answer = await asking;
      const isMissing = answer.some(({ ok, required }) => required && !ok);
      return { ready: phase() === 'running' && !isMissing, phase: phase(), dependencies: answer };
    },
    async metrics() {
      const [read, stuck, differences, known] = await Promise.all([
        figures.get(),
        lost.get(),
        drift.get(),
        dependencies.get(),
      ]);
      setFigures({ figures: read, lost: stuck, drift: differences, config: config() });
      available.reset();
      for (const { name, ok } of known ?? []) available.set({ dependency: name }, ok ? 1 : 0);
      setup.beforeScrape?.();
      return registry.metrics();
    },
    async close() {
      await Promise.allSettled([db.close(), temporal.connection.close()]);
    },
  };
}
