/*
 * What the tests of the commands in the docs do otherwise than a reader would, and why. Nothing is left out silently: a
 * line that is neither run nor named here fails, and so does an entry here that no line needs any more.
 */

/** Lines that are not run. */
export const notRun: readonly { readonly line: RegExp; readonly why: string }[] = [
  { line: /^npm ci && npm run demo$/, why: 'needs a registry; test/processes/demo.long.test.ts runs what it starts' },
  { line: /^(npx )?artwork-reconciler demo\b/, why: 'takes a minute; test/processes/demo.long.test.ts runs it' },
  { line: /^npm ci && npm test$/, why: 'is this very run' },
  { line: /^npm run build/, why: 'was done before this run, and would change the executable under other tests' },
  { line: /^npm run test:repeat /, why: 'takes minutes, and is a run within this run' },
  { line: /^npm run mutants /, why: 'takes minutes, and is many runs within this run' },
  { line: /^cp \.env\.example /, why: 'is for Docker; test/deployment/containers.image.test.ts writes one' },
  {
    line: /^(docker (build|run|exec|stop)|consul) /,
    why: 'needs Docker, Consul and consul-template; test/deployment/consul-template.test.ts reads what the image is made of',
  },
  { line: /^docker compose /, why: 'needs Docker; test/deployment/containers.image.test.ts runs it' },
  {
    line: /^(useradd|install|systemctl|systemd-run|journalctl) /,
    why: 'needs systemd; test/deployment/systemd.image.test.ts runs it',
  },
  { line: /^npx vitest /, why: 'is a run within this run; contributing.test.ts sees that the files exist' },
];

/** Parts of lines that are others in the test: addresses that may be taken, sizes that would take minutes. */
export const substitutions: readonly { readonly written: RegExp; readonly run: string; readonly why: string }[] = [
  { written: /127\.0\.0\.1:8090/, run: '127.0.0.1:0', why: 'somebody may have the port' },
  { written: /--dumped-at \S+/, run: '--dumped-at 2020-01-01T00:00:00Z', why: 'no dump was made in the future' },
  { written: /--entities \d+/, run: '--entities 12', why: 'so many take a minute' },
];

/** Lines that stay up until they are stopped, and what they say once they are up. */
export const longRunning: readonly { readonly line: RegExp; readonly up: RegExp }[] = [
  { line: /^artwork-reconciler worker\b/, up: /"msg":"artwork-reconciler\/\S+ works"/ },
  { line: /^artwork-reconciler dashboard\b/, up: /dashboard is served/ },
  { line: /^artwork-reconciler simulator\b/, up: /\[musicbrainz\]\nurl = http/ },
];

/** Lines that ask another one, which is started before them. */
export const asking: readonly { readonly line: RegExp; readonly asked: string }[] = [
  { line: /^artwork-reconciler (reload|stop --)/, asked: 'artwork-reconciler worker' },
  { line: /^artwork-reconciler stop dashboard$/, asked: 'artwork-reconciler dashboard' },
  { line: /^artwork-reconciler health$/, asked: 'artwork-reconciler worker' },
  { line: /^artwork-reconciler health .*:8080/, asked: 'artwork-reconciler dashboard' },
];

/**
 * Lines that run in a MusicBrainz database and a namespace of their own, without entities or workers: they would undo what
 * the others need.
 */
export const inEmptyDeployment = /^artwork-reconciler (migrate|simulator)\b/;
