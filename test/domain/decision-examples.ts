import type { Difference } from '../../src/domain/checks/finding.ts';
import { groupFindings } from '../../src/domain/checks/findings.ts';
import { defaultPolicies } from '../../src/domain/checks/policies.ts';
import { decide, type Decision, type DecisionInput } from '../../src/domain/decision/decision.ts';
import { type ImageCopy, type ImageEvidence, unknownContent } from '../../src/domain/documents/image-content.ts';
import type { ExpectedState } from '../../src/domain/expected-state.ts';
import { anExtra, anImage, contentNamed, gids, liveRelease } from './examples.ts';

const { owner, merged } = gids;
export const release = liveRelease([anImage(1), anImage(2)], { mergedFrom: [merged] });
export const noImages: ImageEvidence = { missing: [], extra: [], owners: new Map(), copies: [] };

export const differing = (check: string, changes: Partial<Difference> = {}): Difference => ({
  check,
  subject: 'it',
  expected: 'this',
  found: 'that',
  ...changes,
});

export function decided(
  expected: ExpectedState,
  differences: readonly Difference[],
  { images = noImages, ...rest }: Partial<DecisionInput> = {},
): Decision {
  const policies = rest.policies ?? defaultPolicies;
  const findings = groupFindings(differences, policies);
  return decide({ expected, findings, images, policies, wontFixEvidence: [], repairedBefore: {}, ...rest });
}

export const held = (at: string, artworkId: number): ImageCopy => ({
  gid: at,
  artworkId,
  suffix: 'jpg',
  seen: 'held',
  ...contentNamed(`${artworkId}.jpg`),
});
export const lacking = (at: string, artworkId: number): ImageCopy => ({
  gid: at,
  artworkId,
  suffix: 'jpg',
  seen: 'lacking',
  ...unknownContent,
});
export const missingImages = (...ids: number[]) => ids.map((artworkId) => ({ artworkId, suffix: 'jpg' }));
export const owned = (...ids: number[]): ImageEvidence => ({
  ...noImages,
  extra: ids.map((id) => anExtra(id)),
  owners: new Map(ids.map((id) => [id, { gid: owner, suffix: 'jpg', presence: 'present' }])),
});
export const inShort = ({ repairs }: Decision) =>
  repairs.map(({ action, message, dependsOn }) => {
    const ids = 'artwork_id' in message ? ` ${message.artwork_id}` : '';
    const where =
      'old_gid' in message ? `${message.old_gid} to ${message.new_gid}` : 'gid' in message ? message.gid : '';
    return `${action}${ids} ${where}${dependsOn.length > 0 ? ` after ${dependsOn.join(', ')}` : ''}`;
  });
