import { describe, expect, it } from 'vitest';
import { guestOf, identifier, image, otherIdentifier, ready } from './guest.ts';

const content = Buffer.from('an image');
const otherImage = `${otherIdentifier}-17.jpg`;
const cascade = { 'x-archive-cascade-delete': '1', 'x-archive-keep-old-version': '1' };

async function guestWithImage() {
  const guest = await guestOf();
  guest.simulator.archive.seedItem({ identifier, metadata: ready, files: [{ name: image, content }] });
  return guest;
}

describe('an original counts as lost', () => {
  it('when the last copy was deleted, though an older version is kept', async () => {
    const { simulator, remove } = await guestWithImage();
    expect(simulator.archive.lostOriginals()).toEqual([]);
    await remove(identifier, image, cascade);
    expect(simulator.archive.lostOriginals()).toMatchObject([{ identifier, name: image, artworkId: 17 }]);
  });

  it('when it was overwritten by something else', async () => {
    const { simulator, put } = await guestWithImage();
    await put(identifier, image, 'something else');
    expect(simulator.archive.lostOriginals()).toHaveLength(1);
  });

  it('when only another image has the same bytes', async () => {
    const { simulator, put, remove } = await guestWithImage();
    await put(identifier, `${identifier}-18.jpg`, content.toString());
    await remove(identifier, image, cascade);
    expect(simulator.archive.lostOriginals()).toMatchObject([{ artworkId: 17 }]);
  });

  it('once its copy is gone as well', async () => {
    const { simulator, copy, remove } = await guestWithImage();
    await copy(otherIdentifier, otherImage, `/${identifier}/${image}`);
    await remove(identifier, image, cascade);
    expect(simulator.archive.lostOriginals()).toEqual([]);
    await remove(otherIdentifier, otherImage, cascade);
    expect(simulator.archive.lostOriginals().map(({ name }) => name)).toEqual([image, otherImage]);
  });

  it('while its copy is ordered but not applied', async () => {
    const { simulator, copy, remove, clock } = await guestWithImage();
    simulator.archive.applySeconds = { min: 100, max: 100 };
    await copy(otherIdentifier, otherImage, `/${identifier}/${image}`);
    simulator.archive.applySeconds = { min: 0, max: 0 };
    await remove(identifier, image, cascade);
    expect(simulator.archive.lostOriginals()).toHaveLength(1);
    clock.pass(100);
    expect(simulator.archive.lostOriginals()).toEqual([]);
  });
});

describe('an original does not count as lost', () => {
  it('when it is uploaded again, or only thumbnails went', async () => {
    const { simulator, put, remove } = await guestWithImage();
    await put(identifier, image, content.toString());
    await remove(identifier, `${identifier}-17_thumb250.jpg`);
    expect(simulator.archive.lostOriginals()).toEqual([]);
  });

  it('when its copy is on an item that went dark', async () => {
    const { simulator, copy, remove } = await guestWithImage();
    await copy(otherIdentifier, otherImage, `/${identifier}/${image}`);
    simulator.archive.setDark(otherIdentifier, true);
    await remove(identifier, image, cascade);
    expect(simulator.archive.lostOriginals()).toEqual([]);
  });

  it('when a person removed it, but for copies that the person did not remove', async () => {
    const { simulator, copy, remove } = await guestWithImage();
    await copy(otherIdentifier, otherImage, `/${identifier}/${image}`);
    simulator.archive.removeAsOperator(identifier, image);
    expect(simulator.archive.lostOriginals()).toEqual([]);
    await remove(otherIdentifier, otherImage, cascade);
    expect(simulator.archive.lostOriginals()).toMatchObject([{ identifier: otherIdentifier }]);
  });

  it('when a person had the image deleted everywhere', async () => {
    const { simulator, remove } = await guestWithImage();
    simulator.archive.permitRemoval(17);
    await remove(identifier, image, cascade);
    expect(simulator.archive.lostOriginals()).toEqual([]);
  });
});
