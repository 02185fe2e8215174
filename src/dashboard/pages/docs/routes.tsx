import { readdirSync, readFileSync } from 'node:fs';
import { Hono } from 'hono';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { Markdown } from '../../layout/markdown.tsx';
import { Page } from '../../layout/page.tsx';
import { Refusal } from '../../refusals.ts';

const folder = new URL('../../../../docs/', import.meta.url);

interface Document {
  readonly title: string;
  readonly text: string;
}

/** The documentation of this version by file name, the one that leads to the others first. */
const documents: ReadonlyMap<string, Document> = new Map(
  ['README.md', ...readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md')].map((name) => {
       const text = readFileSync(new URL(name, folder), 'utf8');
    return [name, { text, title: /^# (.+)$/m.exec(text)?.[1] ?? name }];
  }),
);

function DocumentPage({
  c,
  name,
  shown,
}: {
  readonly c: PageContext;
  readonly name: string;
  readonly shown: Document;
}) {
  return (
    <Page c={c} title={shown.title}>
      <div class="document-page">
      <nav class="tabs" aria-label="Documents">
        <ul>
          {[...documents].map(([each, { title }]) => (
            <li>
              <a href={`/docs/${each}`} {...(each === name && { 'aria-current': 'page' as const })}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <article class="document">
          <Markdown text={shown.text} isDocument={(each) => documents.has(each)} />
        </article>
      </div>
    </Page>
  );
}

/** The operators' documentation, as it was when this version was built: also where there is no network. */
export function docsRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/docs', (c) => c.redirect('/docs/README.md'))
    .get('/docs/:name', (c) => {
      const { name } = c.req.param();
      const shown = documents.get(name);
      if (shown === undefined) throw new Refusal(404, 'Not found', 'There is no such document.');
      return c.html(<DocumentPage c={c} name={name} shown={shown} />);
    });
}
