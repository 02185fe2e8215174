import { xmlFileName } from '../../domain/documents/file-names.ts';
import { editXml } from './documents.ts';
import { type DriftKind, lastDay, liveKind } from './drift-kind.ts';

/** mb_metadata.xml is missing or says something else than the web service does: an `index` event mends all of it. */
export const xmlDrift: readonly DriftKind[] = [
  liveKind({
    name: 'xml_missing',
    description: 'The web service was away when index.json was uploaded.',
    outcome: 'repaired',
    change: (plan) => void plan.files.delete(xmlFileName(plan.key.gid)),
  }),
  liveKind({
    name: 'xml_title_stale',
    description: 'The entity was renamed since.',
    outcome: 'repaired',
    change: (plan) => {
      editXml(plan, (xml) => xml.replace(/<(title|name)>[^<]*</, '<$1>Working title &amp; more<'));
    },
  }),
  liveKind({
    name: 'xml_artist_stale',
    description: 'An artist was renamed since.',
    outcome: 'repaired',
    entityTypes: ['release'],
    change: (plan) => {
      editXml(plan, (xml) => xml.replace(/<sort-name>[^<]*</, '<sort-name>Formerly, Known<'));
    },
  }),
  liveKind({
    name: 'xml_barcode_unknown_then',
    description: 'The barcode was entered since: the file has no word of it.',
    outcome: 'repaired',
    entityTypes: ['release'],
    release: { barcode: '4006381333931' },
    change: (plan) => {
      editXml(plan, (xml) => xml.replace(/<barcode>.*<\/barcode>/, ''));
    },
  }),
  liveKind({
    name: 'xml_barcode_none_since',
    description: 'It was found that there is no barcode, which is an empty element; the file has none at all.',
    outcome: 'repaired',
    entityTypes: ['release'],
    days: { from: '2012-10-01', until: lastDay },
    release: { barcode: '' },
    change: (plan) => {
      editXml(plan, (xml) => xml.replace('<barcode></barcode>', ''));
    },
  }),
  liveKind({
    name: 'xml_has_more',
    description: 'A disambiguation was removed since.',
    outcome: 'repaired',
    release: { comment: '' },
    event: { comment: '' },
    change: (plan) => {
      editXml(plan, (xml) => xml.replace(/<\/(title|name)>/, '</$1><disambiguation>live</disambiguation>'));
    },
  }),
  liveKind({
    name: 'xml_art_count_stale',
    description: 'The XML was uploaded before the last image was added.',
    outcome: 'repaired',
    entityTypes: ['release'],
    days: { from: '2013-01-28', until: lastDay },
    change: (plan) => {
      editXml(plan, (xml) => xml.replace('<count>3</count>', '<count>2</count>'));
    },
  }),
  liveKind({
    name: 'xml_lacks_what_was_given',
    description: 'It has no id for its status, though the web service gave one already when it was written.',
    outcome: 'repaired',
    entityTypes: ['release'],
    days: { from: '2016-05-23', until: lastDay },
    release: { status: 'Official' },
    change: (plan) => {
      editXml(plan, (xml) => xml.replace(/<status id="[^"]*">/, '<status>'));
    },
  }),
  liveKind({
    name: 'xml_setlist_stale',
    description: 'The setlist was completed since.',
    outcome: 'repaired',
    entityTypes: ['event'],
    event: { setlist: '* one\n* two\n* three' },
    change: (plan) => {
      editXml(plan, (xml) => xml.replace('\n* three', ''));
    },
  }),
  liveKind({
    name: 'xml_of_merged_gid',
    description: 'The XML is about the entity that was merged into this one.',
    outcome: 'repaired',
    change: (plan, _, scene) => {
      editXml(plan, (xml) => xml.replace(plan.key.gid, scene.newGid()));
    },
  }),
  liveKind({
    name: 'xml_truncated',
    description: 'An upload was cut off.',
    outcome: 'repaired',
    change: (plan) => {
      editXml(plan, (xml) => xml.slice(0, Math.floor(xml.length / 2)));
    },
  }),
];
