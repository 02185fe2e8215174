import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageContent } from '../../src/simulator/images/image-content.ts';
import { type Picture, labelledPicture } from '../../src/simulator/images/picture.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { testsNeed } from '../support/needed-programs.ts';

const gid = '0f7c3b7e-7c4d-4a0b-9a54-9d5f0b6c1e11';
const item = `mbid-${gid}`;
const suffixes = ['jpg', 'png', 'gif', 'pdf'] as const;

let simulator: Simulator;
let browser: TestBrowser;
let page: Page;
const hasBrowser = testsNeed('Chromium');
beforeAll(async () => {
  if (!hasBrowser) return;
  browser = await startBrowser();
  page = await (await browser.open()).newPage();
  simulator = await startSimulator({ seed: 1, musicbrainz: null });
  simulator.archive.seedItem({
    identifier: item,
    metadata: { collection: 'coverartarchive' },
    files: suffixes.map((suffix, n) => ({
      name: `${item}-${ids[n]}.${suffix}`,
      content: imageContent(ids[n]!, suffix),
    })),
  });
});
afterAll(async () => {
  await browser?.close();
  await simulator?.close();
});

/** Of every length that is there. */
const ids = [7, 8_000_022, 829_521_842, 38_012_345_678] as const;
const agent = { 'user-agent': 'test ( test@localhost )' };

async function listed(): Promise<Record<string, string>[]> {
  const answer = await fetch(`${simulator.urls.archive}/metadata/${item}`, { headers: agent });
  return ((await answer.json()) as { files: Record<string, string>[] }).files;
}

async function served(name: string): Promise<Response> {
  return fetch(`${simulator.urls.archive}/download/${item}/${name}`, { headers: agent });
}

describe('the images of the simulated archive', () => {
  it('are what its metadata say of them, to the byte', async () => {
    const files = (await listed()).filter(({ name }) => /\.(jpg|png|gif|pdf)$/.test(name!));
    expect(files.length).toBeGreaterThan(4 * 4);
    for (const { name, size, md5, sha1 } of files) {
      const bytes = Buffer.from(await (await served(name!)).arrayBuffer());
      const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
      expect({ name, size, md5, sha1 }).toEqual({
        name,
        size: String(bytes.length),
        md5: digest('md5'),
        sha1: digest('sha1'),
      });
    }
    // Of one id and suffix always the same, of others others.
    const all = ids.flatMap((id) => suffixes.map((suffix) => imageContent(id, suffix).md5));
    expect(new Set(all).size).toBe(16);
    expect(all).toEqual(ids.flatMap((id) => suffixes.map((suffix) => imageContent(id, suffix).md5)));
  });

  it.each([
    ...suffixes.slice(0, 3).map((suffix, n) => [`-${ids[n]}.${suffix}`, ids[n]!, suffix, 1440] as const),
    ...([1200, 500, 250, 1200] as const).map(
      (side, n) => [`-${ids[n]}_thumb${side}.jpg`, ids[n]!, suffixes[n]!, side] as const,
    ),
  ])('show in a browser what they are of, and in how many pixels: %s', async (name, id, suffix, side) => {
    const expected = labelledPicture(id, suffix, String(side));
    const seen = await page.evaluate(lookAt, {
      base64: Buffer.from(await (await served(`${item}${name}`)).arrayBuffer()).toString('base64'),
      // A thumbnail's cells are of whole blocks of 8 pixels.
      cell: side === 1440 ? 48 : 8 * Math.floor(Math.ceil(side / 8) / 30),
    });
    expect({ width: seen.width, height: seen.height }).toEqual({ width: side, height: side });
    expect(largestDifference(seen.colours, expected)).toBeLessThanOrEqual(3);
  });

  it('of a PDF are a document of one page, whose table of objects is right', async () => {
    const name = `${item}-${ids[3]}.pdf`;
    const text = Buffer.from(await (await served(name)).arrayBuffer()).toString('latin1');
    expect(text.startsWith('%PDF-1.4\n')).toBe(true);
    const [, at] = /startxref\n(\d+)\n%%EOF\n$/.exec(text) ?? [];
    const [, ...entries] = [...text.slice(Number(at)).matchAll(/^(\d{10}) \d{5} [nf] $/gm)].map(([, offset]) => offset);
    expect(text.slice(Number(at)).startsWith(`xref\n0 ${entries.length + 1}\n`)).toBe(true);
    entries.forEach((offset, n) => expect(text.slice(Number(offset))).toMatch(new RegExp(`^${n + 1} 0 obj\n<<`)));
    const streams = [...text.matchAll(/\/Length (\d+)>>\nstream\n/g)];
    expect(streams).toHaveLength(2);
    for (const { 0: head, 1: length, index } of streams) {
      expect(text.slice(index + head.length + Number(length))).toMatch(/^\nendstream\nendobj\n/);
    }
  });

  it('are drawn in the sizes of an upload whose bytes show nothing, too', async () => {
    simulator.archive.uploadAsEditor(item, { name: `${item}-99.jpg`, content: Buffer.from('anything') }, {});
    const bytes = Buffer.from(await (await served(`${item}-99_thumb250.jpg`)).arrayBuffer());
    expect(bytes.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  });
});

interface Seen {
  readonly width: number;
  readonly height: number;
  /** In the middle of each cell, row by row. */
  readonly colours: readonly (readonly number[])[];
}

/** As much of a browser as is used here. */
interface InBrowser {
  readonly Image: new () => {
    src: string;
    readonly naturalWidth: number;
    readonly naturalHeight: number;
    decode(): Promise<void>;
  };
  readonly OffscreenCanvas: new (
    width: number,
    height: number,
  ) => {
    getContext(kind: '2d'): {
      drawImage(image: unknown, x: number, y: number): void;
      getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
    };
  };
}

/** Runs in the browser. */
async function lookAt({ base64, cell }: { base64: string; cell: number }): Promise<Seen> {
  const { Image, OffscreenCanvas } = globalThis as unknown as InBrowser;
  const image = new Image();
  image.src = `data:;base64,${base64}`;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const rim = cell === 48 ? 0 : 8 * Math.floor((Math.ceil(width / 8) - (30 * cell) / 8) / 2);
  const colours = Array.from({ length: 900 }, (_, n) => {
    const [x, y] = [n % 30, Math.floor(n / 30)].map((place) => rim + place * cell + cell / 2);
    return [...context.getImageData(x!, y!, 1, 1).data.slice(0, 3)];
  });
  return { width, height, colours };
}

function largestDifference(seen: Seen['colours'], { cells, colours }: Picture): number {
  const expected = cells.flatMap((row) => [...row].map((colour) => colours[colour]!));
  return Math.max(
    ...expected.flatMap((colour, n) => colour.map((part, channel) => Math.abs(part - (seen[n]?.[channel] ?? -999)))),
  );
}
