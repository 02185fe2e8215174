import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// What `--version` names: COMMIT where it is set (the image is built without a checkout), else the checkout's HEAD.
const root = fileURLToPath(new URL('..', import.meta.url));

function head() {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  } catch {
    return 'unknown';
  }
}

writeFileSync(new URL('../dist/commit.txt', import.meta.url), `${(process.env.COMMIT || head()).trim()}\n`);
