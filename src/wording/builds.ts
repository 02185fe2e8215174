import type { Build, KnownBuild, Routing } from '../temporal/worker-builds.ts';

/** `0.2.0-3f2a…: ramping at 10 %, workers poll`. */
export function buildInWords({ buildId, state, percentage, isPolling }: KnownBuild): string {
  const share = percentage === null ? '' : ` at ${percentage} %`;
  return `${buildId}: ${state}${share}, ${isPolling ? 'workers of it poll' : 'no worker of it polls'}`;
}

/** That a build is given work. */
export function givenWork({ ramping }: Routing, { deploymentName, buildId }: Build): string {
  const isRamping = ramping?.build?.deploymentName === deploymentName && ramping.build.buildId === buildId;
  const share = isRamping ? `is given ${ramping.percentage} % of what begins` : 'is current';
  return `${buildId} of ${deploymentName} ${share}`;
}

/** Why a build (null: workers that are none) is given no work. */
export function notGivenWork({ current }: Routing, own: Build | null): string {
  const instead = current === null ? 'workers without a build are' : `${current.buildId} is`;
  if (own === null) return `[worker] deployment is not set, and ${instead} current: such workers are given nothing`;
  return `${own.buildId} of ${own.deploymentName} is not current, ${instead}: its workers are given nothing`;
}

/** The arguments of Temporal's command-line tool that have a build given work. */
export function commandToMakeCurrent({ current }: Routing, own: Build | null): string {
  const [name, which] =
    own === null ? [current?.deploymentName, '--unversioned'] : [own.deploymentName, `--build-id ${own.buildId}`];
  return `\`temporal worker deployment set-current-version --deployment-name ${name} ${which}\``;
}
