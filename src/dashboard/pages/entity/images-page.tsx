import type { ImageComparison } from '../../images/compare-images.ts';
import { ImagesView } from '../../images/images-view.tsx';
import type { PageContext } from '../../environment.ts';
import { Page } from '../../layout/page.tsx';
import { EntityHead } from './entity-head.tsx';
import { titleOf } from './entity-page.tsx';
import type { EntityFacts } from './read-entity-page.ts';

/** Images side by side. Not kept up to date by itself: each look asks the archive. */
export function ImagesPage({
  c,
  facts,
  comparison,
}: {
  readonly c: PageContext;
  readonly facts: Pick<EntityFacts, 'expected' | 'key' | 'name'>;
  readonly comparison: ImageComparison;
}) {
  return (
    <Page c={c} title={titleOf(facts)} section="/entities">
      <EntityHead c={c} facts={facts} current="images" />
      <h2>Images side by side</h2>
      <ImagesView c={c} entityKey={facts.key} comparison={comparison} />
    </Page>
  );
}
