/** A stretch of a text: from a character to the one behind its last. */
export type Place = readonly [from: number, to: number];

/** A text as it reads with something in it written otherwise, and where in the text as written each part stands. */
export interface View {
  readonly text: string;
  /** The place in the text as written that a place of this view comes from. */
  placeOf(from: number, to: number): Place;
}

/** The text as written: each place is its own. */
function asWritten(text: string): View {
  return { text, placeOf: (from, to) => [from, to] };
}

/** The view with `put` in place of all that matches; undefined where nothing does. Only what is changed is kept. */
function through(view: View, pattern: RegExp, put: (found: readonly string[]) => string): View | undefined {
  const edits: { readonly was: Place; readonly now: Place }[] = [];
  let shift = 0;
  const text = view.text.replace(pattern, (...found) => {
    const at = found.findIndex((one) => typeof one === "number");
    const first = found[at] as number;
    const written = put(found.slice(0, at) as string[]);
    const was: Place = [first, first + (found[0] as string).length];
    edits.push({ was, now: [first + shift, first + shift + written.length] });
    shift += written.length - (was[1] - was[0]);
    return written;
  });
  if (edits.length === 0) return undefined;
  /** The last edit that begins at this character or before it. */
  const editAt = (at: number) => {
    let [low, high] = [0, edits.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((edits[middle] as (typeof edits)[number]).now[0] <= at) low = middle + 1;
      else high = middle;
    }
    return edits[low - 1];
  };
  const startOf = (at: number) => {
    const edit = editAt(at);
    if (!edit) return at;
    return at < edit.now[1] ? edit.was[0] : edit.was[1] + at - edit.now[1];
  };
  const endOf = (last: number) => {
    const edit = editAt(last);
    if (!edit) return last + 1;
    return last < edit.now[1] ? edit.was[1] : edit.was[1] + last - edit.now[1] + 1;
  };
  return { text, placeOf: (from, to) => view.placeOf(startOf(from), Math.max(startOf(from), endOf(to - 1))) };
}

const SHORT: Readonly<Record<string, string>> = { b: "\b", e: "\u001b", f: "\f", n: "\n", r: "\r", t: "\t" };
const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  num: "#",
  excl: "!",
  dollar: "$",
  percnt: "%",
  plus: "+",
  colon: ":",
  equals: "=",
  commat: "@",
  sol: "/",
};

/** What URLs, JSON, shells and HTML write for a character. Each is bounded, and begins as no other does. */
const ESCAPE = new RegExp(
  [
    "%([0-9a-f]{2})",
    "\\\\u([0-9a-f]{4})",
    "\\\\u\\{([0-9a-f]{1,6})\\}",
    "\\\\x([0-9a-f]{2})",
    "&#x([0-9a-f]{1,6});",
    "\\\\([0-3][0-7]{2})",
    "&#(\\d{1,7});",
    "\\\\([\"'\\\\/befnrt])",
    `&(${Object.keys(NAMED).join("|")});`,
  ].join("|"),
  "gi",
);

function characterOf([, byte, unit, point, hex, entityHex, octal, entity, short, name]: readonly (
  | string
  | undefined
)[]): string {
  if (short !== undefined) return SHORT[short.toLowerCase()] ?? short;
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? "";
  const code =
    octal !== undefined
      ? Number.parseInt(octal, 8)
      : entity !== undefined
        ? Number(entity)
        : Number.parseInt(byte ?? unit ?? point ?? hex ?? entityHex ?? "", 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}

/** What mail writes for a character, and for a line that goes on. */
const QUOTED_PRINTABLE = /=(?:([0-9a-f]{2})|\r?\n)/gi;
/** What nobody sees: colours, cursors, and characters without a width. */
const UNSEEN = /(?!\s)\p{Cc}\[[0-?]{0,40}[ -/]{0,4}[@-~]|(?![\t\n\r])[\p{Cc}\p{Cf}]/gu;
const LINE_ENDS = /[\t\n\r\u2028\u2029]+/g;
/** What stands between the digits of bytes, or the lines of base64. */
const BETWEEN_DIGITS = /0x|[\s:,_-]+/gi;
const NOT_BASE64 = /[\t\r\n_-]/g;

/** Escapes within escapes (a URL in JSON in a URL) are read so deep. */
const LAYERS = 4;

/**
 * A text in all ways that it can be read: as written, with its escapes taken out layer by layer, as mail writes it,
 * and each of these without what nobody sees.
 */
export function readings(text: string): View[] {
  const layers: View[] = [];
  let view: View | undefined = asWritten(text);
  for (; view && layers.length < LAYERS; view = through(view, ESCAPE, characterOf)) layers.push(view);
  const mail = through(asWritten(text), QUOTED_PRINTABLE, ([, hex]) =>
    hex === undefined ? "" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return [...layers, ...(mail ? [mail] : [])].flatMap((view) => {
    const seen = through(view, UNSEEN, () => "");
    return seen ? [view, seen] : [view];
  });
}

/** The view on one line, where it has several. */
export const onOneLine = (view: View): View | undefined => through(view, LINE_ENDS, () => "");

/** The view as base64 is read: line breaks left out, and one alphabet of the two. */
export const asBase64 = (view: View): View =>
  through(view, NOT_BASE64, ([found]) => (found === "-" ? "+" : found === "_" ? "/" : "")) ?? view;

/** The view as digits are read, whatever stands between them. */
export const asDigits = (view: View): View => through(view, BETWEEN_DIGITS, () => "") ?? view;

/** A text with `mark` in all these places, as far as `limit`. Places that overlap are one. */
export function marked(text: string, places: readonly Place[], mark: string, limit = text.length): string {
  let out = "";
  let at = 0;
  for (const [from, to] of places.toSorted(([one], [other]) => one - other)) {
    if (from >= limit) break;
    if (to <= at) continue;
    if (from >= at) out += text.slice(at, from) + mark;
    at = to;
  }
  return out + text.slice(at, Math.max(at, limit));
}
