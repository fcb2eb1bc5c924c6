import type { Place } from "./views";

/** What a server says in front of data that goes on to the end of the text, whatever lines it has. */
const TO_THE_END = [
  /(\bfailing row contains )[\s\S]+/gi,
  /((?:enth(?:ä|ae)lt|contient|contiene|cont[ée]m|zawiera|содержит) ?)\([\s\S]+/gi,
  /((?<!\p{L})(?:CONTEXT|ZUSAMMENHANG|CONTEXTE|CONTEXTO|CONTESTO|KONTEKST|КОНТЕКСТ) ?:)[\s\S]+/gu,
  /(\$\d{1,3} = )['"][\s\S]+/g,
] as const;

/** What a server says in front of a value that it quotes as it is: a quote in the value ends nothing. */
const IN_FRONT =
  /\binvalid (?:input )?(?:syntax|value|byte sequence|number|regular expression|datum)\b|\bmalformed [\w ]{1,30} literal\b|\bout of range\b|\bcannot cast\b|\b(?:value|Wert|valeur|valor|wartość) (?=["«»„“])|[:=] {0,2}(?=[«»„])|\b(?:Schlüssel|Token|Literal|clé|llave|clave|elemento) {0,2}(?=[«»„“])/gi;

/** The rows and keys of other languages, too: `(columns)=(values)`. */
const KEY = /\) ?= ?(?=\()/g;
const KEY_ENDS = /\)(?=\s(?:already|is|conflicts)\b)/g;

/** For the test that holds them to the rule of `looks.ts`. */
export const DATABASE_WORDS: readonly RegExp[] = [...TO_THE_END, IN_FRONT, KEY, KEY_ENDS];

/** What PostgreSQL quotes of the data: rows, keys and values. */
export function* quotedByDatabases(text: string): Generator<Place> {
  for (const pattern of TO_THE_END)
    for (const found of text.matchAll(pattern))
      yield [found.index + (found[1] ?? "").length, found.index + found[0].length];
  yield* keyValues(text);
  IN_FRONT.lastIndex = 0;
  const front = IN_FRONT.exec(text);
  if (front) yield* quotedFrom(text, front.index + front[0].length);
}

/** From the first quote to the last one of the text, or to its end where it is cut off. */
function* quotedFrom(text: string, from: number): Generator<Place> {
  const first = text.slice(from).search(/["«»„“]/);
  if (first < 0) return;
  const last = Math.max(...['"', "«", "»", "“", "”"].map((quote) => text.lastIndexOf(quote)));
  yield [from + first, last > from + first ? last + 1 : text.length];
}

/** The values of a key, up to what the server says last of it: they may hold the same words. */
function* keyValues(text: string): Generator<Place> {
  KEY.lastIndex = 0;
  const first = KEY.exec(text);
  if (!first) return;
  const from = first.index + first[0].length;
  let to = from;
  for (const { index } of text.slice(from).matchAll(KEY_ENDS)) to = from + index + 1;
  if (to > from) yield [from, to];
  KEY.lastIndex = to;
  const other = KEY.exec(text);
  if (other) yield [other.index + other[0].length, text.length];
  else if (to === from) yield [from, text.length];
}
