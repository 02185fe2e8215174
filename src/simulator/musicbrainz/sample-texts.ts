/** Texts of the kinds that real data has: quotes, other scripts, right-to-left, characters above 16 bits. */

export const artistNames: readonly (readonly [name: string, sortName: string])[] = [
  ['Ada Quill', 'Quill, Ada'],
  ['The Paper Lanterns', 'Paper Lanterns, The'],
  ['Jürgen Weiß', 'Weiß, Jürgen'],
  ['Françoise Étoile', 'Étoile, Françoise'],
  ['山本 静香', 'Yamamoto, Shizuka'],
  ['Хор «Заря»', 'Khor "Zarya"'],
  ['Sigur & Sons', 'Sigur & Sons'],
  ['O’Malley "Lucky" Finn', 'Finn, O’Malley "Lucky"'],
  ['فرقة النور', 'Firqat al-Nur'],
  ['𝕿𝖍𝖊 𝕺𝖜𝖑𝖘', 'Owls, The'],
  ['<null>', '<null>'],
  ['Ensemble 12¾', 'Ensemble 12¾'],
];

export const titles: readonly string[] = [
  'Harbour Songs',
  'Nichts Genaues',
  'L’heure "bleue"',
  '夜の地図',
  'Где-то рядом',
  'Bread & Circuses',
  'a < b > c',
  '🎷 After Hours',
  'أغاني البحر',
  'Untitled (2nd edition)',
  'C:\\tapes\\final',
  'Ágætis ferð',
];

export const comments: readonly string[] = [
  '',
  '',
  '',
  'front, "special" edition',
  'Rückseite',
  '裏ジャケット',
  "it's the 2nd pressing",
  'back\\slash',
  'tab\there',
  '𝄞 side A 🎸',
  'غلاف',
  '<b>bold</b> & more',
  'c\u0327 and \u007f',
];

export const disambiguations: readonly string[] = ['', '', '', 'deluxe', '“clean” version', '再発'];

export const places: readonly string[] = ['Salle des Fêtes', 'Großer Saal', 'The Cellar', '武道館', 'Дом культуры'];

export const setlists: readonly string[] = [
  '@ Ada Quill\n* Harbour\n* Tide & time',
  '# encore\r\n* 夜の地図',
  '* "Solo"',
];
