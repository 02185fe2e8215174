import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { runChaos } from '../../chaos/run.ts';

/** What befalls whom in which order follows from it; when it meets the workers does not. */
const seed = Number(process.env.TEST_SEED ?? randomInt(1_000_000));

// A minute and a half where nothing else runs. `npm run chaos` continues for as long as it is told.
test.each([
  ['', true],
  [', also by workers that know no workflow but from its history', false],
])(
  `in the worst of surroundings everything is settled, nothing is lost, nobody is bothered%s (seed ${seed})`,
  async (_how, cachesWorkflows) => {
    const said: string[] = [];
    const { broken, happened, ...rest } = await runChaos({
      seed,
      entities: 20,
      workers: 2,
      seconds: 15,
      slowsOneForEver: false,
      cachesWorkflows,
      say: (line) => said.push(line),
    });
    // What broke stands first: a log that is cut keeps its first lines.
    expect(broken, [`seed ${seed}`, ...broken, 'what happened:', ...said].join('\n')).toEqual([]);
    // That all is well says something only where all of it happened.
    expect(Object.entries(happened).filter(([, times]) => times === 0)).toEqual([]);
    process.stderr.write(`Seed ${seed}: ${JSON.stringify({ ...happened, ...rest.figures })}\n`);
  },
  600_000,
);
