import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Compiles after `npm ci` in a clone. What compiles is a development dependency, which npm leaves out under
// NODE_ENV=production; it would then say no more than "tsc: not found".
if (!existsSync(fileURLToPath(new URL('../node_modules/typescript', import.meta.url)))) {
  process.stderr.write(
    'Error: the compiler is not installed, since NODE_ENV=production or --omit=dev leaves it out: ' +
      'install with `npm ci --include=dev`, and say `npm prune --omit=dev` afterwards where space matters\n',
  );
  process.exit(1);
}
process.exit(spawnSync('npm', ['run', 'build'], { stdio: 'inherit', shell: process.platform === 'win32' }).status ?? 1);
