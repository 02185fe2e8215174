import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where this run's servers are asked for; see global-setup.ts. */
    harnessUrl: string;
  }
}

export interface HarnessAnswers {
  /** A superuser's URL of the run's server, which may end with the run, and the migrated databases to clone. */
  '/postgres': { url: string; embedded: boolean; template: string; templateWithMusicbrainz: string; run: string };
  '/temporal': { address: string };
  '/workflow-bundle': { path: string };
}

/** Asks the run's main process for a server, which starts it the first time. */
export async function askHarness<Path extends keyof HarnessAnswers>(path: Path): Promise<HarnessAnswers[Path]> {
  const response = await fetch(new URL(path, inject('harnessUrl')));
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as HarnessAnswers[Path];
}
