/**
 * A text as it reads with its escapes taken out, and which part of the text as written each character comes from.
 * The text as written has no places of its own: each character is its own.
 */
interface View {
  readonly text: string;
  readonly from?: readonly number[];
  readonly to?: readonly number[];
}

/** Escapes within escapes (a URL in JSON in a URL) are read so deep. */
const LAYERS = 4;

/** What URLs, JSON, shells and HTML write for a character. Each is bounded, and begins as no other does. */
const ESCAPE =
  /%([0-9a-f]{2})|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|\\(["'\\/bfnrt])|&#x([0-9a-f]{1,6});|&#(\d{1,7});|&(amp|lt|gt|quot|apos);/gi;

const SHORT: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const start = (view: View, at: number) => view.from?.[at] ?? at;
const end = (view: View, at: number) => view.to?.[at] ?? at + 1;

/** The view with one layer of escapes taken out; undefined where it has none. A byte of a URL is one character. */
function decoded(view: View): View | undefined {
  const text: string[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const put = (characters: string, first: number, last: number) => {
    for (let index = 0; index < characters.length; index++) {
      text.push(characters[index] as string);
      from.push(first);
      to.push(last);
    }
  };
  let done = 0;
  const keep = (until: number) => {
    for (; done < until; done++) put(view.text[done] as string, start(view, done), end(view, done));
  };
  for (const match of view.text.matchAll(ESCAPE)) {
    keep(match.index);
    done = match.index + match[0].length;
    put(characterOf(match), start(view, match.index), end(view, done - 1));
  }
  if (done === 0) return undefined;
  keep(view.text.length);
  return { text: text.join(""), from, to };
}

function characterOf([, byte, unit, hex, short, entityHex, entity, name]: RegExpMatchArray): string {
  if (short !== undefined) return SHORT[short.toLowerCase()] ?? short;
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? "";
  const code =
    entity === undefined ? Number.parseInt(byte ?? unit ?? hex ?? entityHex ?? "", 16) : Number(entity);
  return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}

/** The view as base64 is read: line breaks left out, and one alphabet of the two. */
function squeezed(view: View): View {
  const text: string[] = [];
  const from: number[] = [];
  const to: number[] = [];
  for (let index = 0; index < view.text.length; index++) {
    const character = view.text[index] as string;
    if (character === "\n" || character === "\r") continue;
    text.push(character === "-" ? "+" : character === "_" ? "/" : character);
    from.push(start(view, index));
    to.push(end(view, index));
  }
  return { text: text.join(""), from, to };
}

/** A secret as it may stand in a view: by itself, in a form, as bytes, and in hexadecimal. */
function plainForms(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8");
  const hex = bytes.toString("hex");
  return [secret, secret.replaceAll(" ", "+"), bytes.toString("latin1"), hex, hex.toUpperCase()];
}

/**
 * A secret as base64 holds it, wherever in the encoded text it begins: without the characters at either end that
 * also depend on what stands beside it.
 */
function base64Cores(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8");
  return [0, 1, 2].flatMap((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
    const core = whole
      .toString("base64")
      .slice(Math.ceil((offset * 8) / 6), Math.floor((whole.length * 8) / 6));
    return core.length >= SHORTEST ? [core] : [];
  });
}

/** A shorter word is no secret that could be told from others. Characters. */
const SHORTEST = 8;
/** The characters of base64 at either end of a core that hold a part of the secret. */
const EDGE = 2;
const BASE64 = /[A-Za-z0-9+/]/;

/** No character of a secret is written longer than this: `%25255cu0041` and the like. */
const LONGEST_ESCAPE = 24;

/** Replaces what a run knows to be secret by `mark`, in every encoding that it may stand in. */
export class SecretFilter {
  private readonly plain: readonly string[];
  private readonly cores: readonly string[];
  /** What a text may be cut off by, so that the half of a secret that is left cannot be told from other text. */
  private readonly margin: number;

  constructor(
    secrets: readonly string[],
    private readonly mark: string,
  ) {
    const known = [...new Set(secrets)].filter((secret) => secret.length >= SHORTEST);
    this.plain = [...new Set(known.flatMap(plainForms))];
    this.cores = [...new Set(known.flatMap(base64Cores))];
    this.margin = LONGEST_ESCAPE * Math.max(0, ...known.map((secret) => secret.length));
  }

  /** @param longest of a longer text only so much is looked at, and less is kept. Characters */
  apply(text: string, longest = Number.POSITIVE_INFINITY): string {
    const cut = text.length > longest;
    const looked = cut ? text.slice(0, longest + this.margin) : text;
    return this.replaced(looked, this.found(looked), cut ? longest : looked.length);
  }

  private found(text: string): [from: number, to: number][] {
    const places: [number, number][] = [];
    let view: View | undefined = { text };
    for (let layer = 0; view && layer < LAYERS; layer++, view = decoded(view)) {
      const seen = view;
      for (const form of this.plain)
        for (const at of occurrences(seen.text, form))
          places.push([start(seen, at), end(seen, at + form.length - 1)]);
      if (this.cores.length === 0) continue;
      const tight = squeezed(seen);
      for (const core of this.cores)
        for (const at of occurrences(tight.text, core)) {
          let [first, last] = [at, at + core.length - 1];
          for (let edge = 0; edge < EDGE; edge++) {
            if (BASE64.test(tight.text[first - 1] ?? "")) first -= 1;
            if (BASE64.test(tight.text[last + 1] ?? "")) last += 1;
          }
          places.push([start(tight, first), end(tight, last)]);
        }
    }
    return places.sort(([one], [other]) => one - other);
  }

  private replaced(text: string, places: readonly (readonly [number, number])[], limit: number): string {
    let out = "";
    let at = 0;
    for (const [from, to] of places) {
      if (from >= limit) break;
      if (to <= at) continue;
      if (from >= at) out += text.slice(at, from) + this.mark;
      at = to;
    }
    return out + text.slice(at, Math.max(at, limit));
  }
}

/** Where a word begins in a text, each place once. */
function* occurrences(text: string, word: string): Generator<number> {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) yield at;
}
