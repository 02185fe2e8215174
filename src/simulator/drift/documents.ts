import { indexFileName, xmlFileName } from '../../domain/documents/file-names.ts';
import type { IndexDocument, IndexImage } from '../../domain/documents/index-document.ts';
import { bytesOf } from '../content.ts';
import { laidOut } from './index-of-day.ts';
import type { ItemPlan } from './item-plan.ts';

/** The index.json that is planned, read. */
export function readIndex(plan: ItemPlan): IndexDocument {
  return JSON.parse(textOf(plan, indexFileName)) as IndexDocument;
}

/** Plans another index.json, laid out as the indexer of the plan's day did: values and keys are as they are given. */
export function writeIndex(plan: ItemPlan, index: object): void {
  plan.files.set(indexFileName, { content: laidOut(index, plan.day) });
}

/** Plans an index.json in which the image at a place, from 0, is another one. */
export function changeIndexImage(plan: ItemPlan, at: number, change: (image: IndexImage) => object): void {
  const index = readIndex(plan);
  writeIndex(plan, { ...index, images: index.images.map((image, place) => (place === at ? change(image) : image)) });
}

/**
 * Plans another mb_metadata.xml.
 *
 * @throws {Error} where nothing changes: the drift that was wanted would not be there.
 */
export function editXml(plan: ItemPlan, edit: (xml: string) => string): void {
  const name = xmlFileName(plan.key.gid);
  const before = textOf(plan, name);
  const after = edit(before);
  if (after === before) throw new Error(`the XML of ${plan.key.entityType} ${plan.key.gid} has nothing to be changed`);
  plan.files.set(name, { content: Buffer.from(after, 'utf8') });
}

function textOf(plan: ItemPlan, name: string): string {
  const file = plan.files.get(name);
  if (file === undefined) throw new Error(`the item of ${plan.key.entityType} ${plan.key.gid} has no ${name} planned`);
  return Buffer.from(bytesOf(file.content)).toString('utf8');
}
