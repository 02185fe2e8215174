import type { Command } from 'commander';
import { inOneLine, printLines } from '../terminal/terminal.ts';
import { configOf } from './database.ts';
import { UsageError } from './errors.ts';

export function addHealth(program: Command): void {
  program
    .command('health')
    .summary('ask a running process whether it is alive')
    .description(
      'Asks the worker of this host whether it is alive, at /healthz of [monitoring] listen, or another process at the ' +
        'address given. Exit code 0: it is. For a HEALTHCHECK of a container.',
    )
    .argument('[url]', 'the page to ask, e.g. http://127.0.0.1:8080/readyz')
    .action(async (url: string | undefined, _options: object, command: Command) => {
      const { monitoring } = configOf(command);
      const page = url ?? pageAt(monitoring.listen);
      if (page === null) throw new UsageError('[monitoring] listen is not set, so that nobody listens: name a URL');
      if (!URL.canParse(page)) throw new UsageError(`${JSON.stringify(page)} is no URL`);
      printLines((await ask(page, monitoring.timeoutSeconds * 1000)).split('\n'));
    });
}

/** Who listens at all addresses is asked at loopback. */
function pageAt(listen: string | null): string | null {
  if (listen === null) return null;
  const address = listen.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
  return `http://${address}/healthz`;
}

/** The answer. @throws {Error} where there is none, or one that is not 200 */
async function ask(page: string, timeout: number): Promise<string> {
  let answer: Response;
  try {
    answer = await fetch(page, { signal: AbortSignal.timeout(timeout) });
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown };
    throw new Error(`${page} does not answer: ${inOneLine(cause ?? error)}`, { cause: error });
  }
  const text = (await answer.text()).trim();
  if (!answer.ok) throw new Error(`${page} answers ${answer.status}: ${text.slice(0, 1000)}`);
  return text;
}
