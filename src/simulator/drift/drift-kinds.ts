import { darkDrift } from './dark-drift.ts';
import type { DriftKind } from './drift-kind.ts';
import { imageDrift } from './image-drift.ts';
import { filesOf2024, inStep, inStepKinds, oldFiles } from './in-step.ts';
import { indexDrift } from './index-drift.ts';
import { mergeDrift } from './merge-drift.ts';
import { metadataDrift } from './metadata-drift.ts';
import { orphanDrift } from './orphan-drift.ts';
import { xmlDrift } from './xml-drift.ts';

/** All kinds of drift, and those that only look like it. */
export const driftKinds: readonly DriftKind[] = [
  inStep,
  ...inStepKinds,
  filesOf2024,
  ...oldFiles,
  ...indexDrift,
  ...xmlDrift,
  ...metadataDrift,
  ...imageDrift,
  ...mergeDrift,
  ...darkDrift,
  ...orphanDrift,
];

/** @throws {RangeError} naming it, where there is no such kind. */
export function driftKind(name: string): DriftKind {
  const kind = driftKinds.find((candidate) => candidate.name === name);
  if (kind === undefined) throw new RangeError(`there is no kind of drift called ${JSON.stringify(name)}`);
  return kind;
}
