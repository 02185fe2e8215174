import type { Child } from 'hono/jsx';

interface Props {
  readonly text: string;
  /** Whether there is a document of this file name, to which a link may lead. */
  readonly isDocument: (name: string) => boolean;
}

/** As much of Markdown as the documentation is written in; the title aside, which the page has. */
export function Markdown({ text, isDocument }: Props) {
  return <Blocks lines={text.split('\n')} isDocument={isDocument} />;
}

interface BlocksProps extends Pick<Props, 'isDocument'> {
  readonly lines: readonly string[];
}

const fence = /^```(.*)$/;
const heading = /^(#{1,4}) (.*)$/;
const listItem = /^(?:[-*]|(\d+)\.) /;
/** Whatever ends a paragraph. */
const begins = /^(```|#{1,4} |\||[-*] |\d+\. |<!--|!\[)/;

function Blocks({ lines, isDocument }: BlocksProps) {
  const blocks: Child[] = [];
  let at = 0;
  /** The lines from here on for as long as they are of a kind. */
  const take = (isOf: (line: string) => boolean): readonly string[] => {
    const from = at;
    while (at < lines.length && isOf(lines[at]!)) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at]!;
    if (fence.test(line)) {
      at += 1;
      const code = take((each) => !fence.test(each));
      at += 1;
      blocks.push(<Code lines={code} />);
    } else if (heading.test(line)) {
      at += 1;
      blocks.push(<Heading line={line} isDocument={isDocument} />);
    } else if (line.startsWith('|')) {
      blocks.push(<Table lines={take((each) => each.startsWith('|'))} isDocument={isDocument} />);
    } else if (listItem.test(line)) {
      const isNumbered = /^\d/.test(line);
      const own = take(
        (each) => each === '' || each.startsWith('  ') || (listItem.test(each) && /^\d/.test(each) === isNumbered),
      );
      blocks.push(<List lines={own} isNumbered={isNumbered} isDocument={isDocument} />);
    } else if (line === '' || line.startsWith('<!--') || line.startsWith('![')) {
      // Marks of what is written from the code, and pictures, which are not part of what is installed.
      at += 1;
    } else {
      const [first = '', ...more] = [line, ...(at++, take((each) => each !== '' && !begins.test(each)))];
      blocks.push(
        <p>
          <Inline text={[first, ...more].join(' ')} isDocument={isDocument} />
        </p>,
      );
    }
  }
  return <>{blocks}</>;
}

function Code({ lines }: { readonly lines: readonly string[] }) {
  return (
    <pre tabindex={0} aria-label="Example">
      {lines.join('\n')}
    </pre>
  );
}

function Heading({ line, isDocument }: Pick<Props, 'isDocument'> & { readonly line: string }) {
  const [, signs = '', words = ''] = heading.exec(line) ?? [];
  const content = <Inline text={words} isDocument={isDocument} />;
  const id = words
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
  if (signs.length === 1) return <></>;
  return signs.length === 2 ? <h2 id={id}>{content}</h2> : <h3 id={id}>{content}</h3>;
}

/** Its head may be empty: then it has none. */
function Table({ lines, isDocument }: BlocksProps) {
  const [head = [], , ...rows] = lines.map((line) =>
    line
      .replace(/^\||\|\s*$/g, '')
      .split(/(?<!\\)\|/)
      .map(cellOf),
  );
  return (
    <div class="scroll" tabindex={0} role="group" aria-label={head.join(', ') || 'Table'}>
      <table>
        {head.some((cell) => cell !== '') && (
          <thead>
            <tr>
              {head.map((cell) =>
                cell === '' ? (
                  <td></td>
                ) : (
                  <th scope="col">
                    <Inline text={cell} isDocument={isDocument} />
                  </th>
                ),
              )}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell) => (
                <td>
                  <Inline text={cell} isDocument={isDocument} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellOf(text: string): string {
  return text.trim().replaceAll('\\|', '|');
}

function List({ lines, isNumbered, isDocument }: BlocksProps & { readonly isNumbered: boolean }) {
  const items: string[][] = [];
  for (const line of lines) {
    if (listItem.test(line)) items.push([line.replace(listItem, '')]);
    else items.at(-1)?.push(line.replace(/^ {2,3}/, ''));
  }
  const shown = items.map((item) => (
    <li>
      <Blocks lines={item} isDocument={isDocument} />
    </li>
  ));
  return isNumbered ? <ol>{shown}</ol> : <ul>{shown}</ul>;
}

const inline = /`([^`]+)`|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)]+)\)/g;

function Inline({ text, isDocument }: Props) {
  const parts: Child[] = [];
  let from = 0;
  for (const found of text.matchAll(inline)) {
    const [whole, code, strong, emphasized, words, target] = found;
    parts.push(text.slice(from, found.index));
    from = found.index + whole.length;
    if (code !== undefined) parts.push(<code>{code}</code>);
    else if (strong !== undefined)
      parts.push(
        <strong>
          <Inline text={strong} isDocument={isDocument} />
        </strong>,
      );
    else if (emphasized !== undefined) parts.push(<em>{emphasized}</em>);
    else parts.push(<Link words={words ?? ''} target={target ?? ''} isDocument={isDocument} />);
  }
  return (
    <>
      {parts}
      {text.slice(from)}
    </>
  );
}

/** Leads to another document, within this one, or elsewhere; what is not installed is only named. */
function Link({
  words,
  target,
  isDocument,
}: Pick<Props, 'isDocument'> & { readonly words: string; readonly target: string }) {
  const shown = <Inline text={words} isDocument={isDocument} />;
  const [name = ''] = target.split('#');
  if (/^https?:/.test(target))
    return (
      <a href={target} rel="noreferrer">
        {shown}
      </a>
    );
  if (target.startsWith('#')) return <a href={target}>{shown}</a>;
  return isDocument(name) ? <a href={`/docs/${target}`}>{shown}</a> : shown;
}
