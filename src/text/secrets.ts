import { asBase64, asDigits, onOneLine, type Place, type View } from "./views";

/** A secret as it may stand in a view: by itself, in a form, and as bytes. */
function plainForms(secret: string): string[] {
  return [secret, secret.replaceAll(" ", "+"), Buffer.from(secret, "utf8").toString("latin1")];
}

/** A secret as the bytes that are written in base64 or hexadecimal. */
function bytesOf(secret: string): Buffer[] {
  const wide = Buffer.from(secret, "utf16le");
  return [Buffer.from(secret, "utf8"), wide, Buffer.from(wide).swap16()];
}

/**
 * Bytes as base64 holds them, wherever in the encoded text they begin: without the characters at either end that also
 * depend on what stands beside them.
 */
function base64Cores(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
    const core = whole
      .toString("base64")
      .slice(Math.ceil((offset * 8) / 6), Math.floor((whole.length * 8) / 6));
    return core.length >= SHORTEST_CORE ? [core] : [];
  });
}

/** The same, and base64 of base64, and of a secret in a URL. */
function allCores(secret: string): string[] {
  const once = [...bytesOf(secret), Buffer.from(encoded(secret))].flatMap(base64Cores);
  return [...once, ...once.flatMap((core) => base64Cores(Buffer.from(core, "latin1")))];
}

function encoded(secret: string): string {
  return encodeURIComponent(secret.replaceAll(/\p{Surrogate}/gu, "\ufffd"));
}

/** A word of this length is found wherever it stands, also within another word. Characters. */
const ANYWHERE = 8;
/**
 * A shorter secret counts where it stands as a word of its own. Shorter than this, it could not be told from what is
 * said anyway: `test` and `1000` stand in many a text, `p4ss` does not. Characters.
 */
const SHORTEST = { plain: 6, mixed: 4 };
const SHORTEST_CORE = 6;
/** The characters of base64 at either end of a core that hold a part of the secret. */
const EDGE = 2;
const BASE64 = /[A-Za-z0-9+/]/;
const WORD = /[\p{L}\p{N}]/u;

/** No character of a secret is written longer than this: `%25255cu0041` and the like. */
const LONGEST_ESCAPE = 24;

function tellable(secret: string): boolean {
  const plain = /^(?:\p{Ll}*|\p{Lu}*|\p{Lu}\p{Ll}*|\d*)$/u.test(secret);
  return secret.length >= (plain ? SHORTEST.plain : SHORTEST.mixed);
}

/** What a run knows to be secret, found in every encoding that it may stand in. */
export class KnownSecrets {
  private readonly anywhere: readonly string[];
  private readonly words: readonly string[];
  private readonly digits: readonly string[];
  private readonly cores: readonly string[];
  /** What a text may be cut off by, so that the half of a secret that is left cannot be told from other text. */
  readonly margin: number;

  constructor(secrets: readonly string[]) {
    const known = [...new Set(secrets.flatMap(onItsLines))].filter(tellable);
    const forms = [
      ...new Set(known.flatMap((one) => plainForms(one).flatMap((form) => [form, lined(form)]))),
    ];
    this.anywhere = forms.filter((form) => form.length >= ANYWHERE);
    this.words = forms.filter((form) => form.length < ANYWHERE && tellable(form));
    this.digits = [...new Set(known.flatMap(bytesOf).map((bytes) => bytes.toString("hex")))];
    this.cores = [...new Set(known.flatMap(allCores))];
    this.margin = LONGEST_ESCAPE * Math.max(0, ...known.map((secret) => secret.length));
  }

  /** Where they stand, in places of the text as written. */
  *in(views: readonly View[]): Generator<Place> {
    if (this.digits.length === 0) return;
    for (const view of views) {
      yield* this.plainly(view);
      const line = onOneLine(view);
      if (line) yield* this.plainly(line);
      const digits = asDigits(view);
      const low = digits.text.replace(/[A-F]/g, (digit) => digit.toLowerCase());
      for (const form of this.digits)
        for (const at of occurrences(low, form)) yield digits.placeOf(at, at + form.length);
      yield* this.inBase64(asBase64(view));
    }
  }

  private *plainly(view: View): Generator<Place> {
    for (const form of this.anywhere)
      for (const at of occurrences(view.text, form)) yield view.placeOf(at, at + form.length);
    for (const form of this.words)
      for (const at of occurrences(view.text, form)) {
        const beside = [view.text[at - 1], view.text[at + form.length]];
        if (!beside.some((character = "") => WORD.test(character))) yield view.placeOf(at, at + form.length);
      }
  }

  private *inBase64(view: View): Generator<Place> {
    for (const core of this.cores)
      for (const at of occurrences(view.text, core)) {
        let [first, last] = [at, at + core.length - 1];
        for (let edge = 0; edge < EDGE; edge++) {
          if (BASE64.test(view.text[first - 1] ?? "")) first -= 1;
          if (BASE64.test(view.text[last + 1] ?? "")) last += 1;
        }
        yield view.placeOf(first, last + 1);
      }
  }
}

/**
 * A secret of several lines as errors quote it: as it is, with a blank for each break, and each line by itself. What quotes
 * one may cut it off at a line's end.
 */
function onItsLines(secret: string): string[] {
  const lines = secret
    .split(/[\n\r\u2028\u2029]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.length < 2
    ? [secret, secret.trim()]
    : [secret, secret.trim(), secret.replaceAll(/\s+/g, " ").trim(), ...lines];
}

/** A secret of several lines as it reads on one. */
function lined(secret: string): string {
  return secret.replaceAll(/[\t\n\r\u2028\u2029]/g, "");
}

/** Where a word begins in a text, each place once. */
function* occurrences(text: string, word: string): Generator<number> {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) yield at;
}
