import type { StoredFile } from './item.ts';

/** What a request is answered with, before faults of the delivery. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const nothing = Buffer.alloc(0);

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: nothing };
}

export function jsonAnswer(value: unknown, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) };
}

export function htmlAnswer(status: number, text: string, contentType = 'text/html'): Answer {
  const page = `<html>\n<head><title>${text}</title></head>\n<body>\n<center><h1>${text}</h1></center>\n<hr><center>nginx/1.25.1</center>\n</body>\n</html>\n`;
  return { status, headers: { 'content-type': contentType }, body: Buffer.from(page) };
}

export function fileAnswer({ content, mtime }: StoredFile, contentType: string): Answer {
  const headers = {
    'content-type': contentType,
    'last-modified': new Date(mtime * 1000).toUTCString(),
    etag: `"${content.md5}"`,
  };
  return { status: 200, headers, body: content.bytes };
}

export function redirectAnswer(status: 302 | 307, location: string): Answer {
  return { ...htmlAnswer(status, status === 302 ? '302 Found' : '307 Temporary Redirect'), headers: { location } };
}

export function withHeaders(answer: Answer, headers: Readonly<Record<string, string>>): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
