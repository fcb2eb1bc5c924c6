/** Markup that is safe as it stands. Only `html` makes it, so that no text gets in unescaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Value = Html | readonly Html[] | string | number | undefined | false;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * A text as HTML shows it, in an element and in a quoted attribute. What no document may hold (control characters,
 * halves of characters) is shown as a replacement; marks that turn the direction of writing are left out, since they
 * could make one word look like another.
 */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
    .replace(/\p{Cc}/gu, (character) => ("\t\n\r".includes(character) ? character : "\ufffd"))
    .replace(/\p{Cs}/gu, "\ufffd")
    .replace(/\p{Bidi_Control}/gu, "");
}

/** Markup with values in it: text is escaped, markup is not, nothing is left out for `undefined` and `false`. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(strings.reduce((text, part, index) => `${text}${show(values[index - 1])}${part}`));
}

function show(value: Value): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("");
  return escapeHtml(String(value));
}

/** JSON in a `<script>` that is data: nothing in it ends the element. */
export function jsonBlock(value: unknown): Html {
  return new Html(
    JSON.stringify(value)
      .replace(/</g, "\\u003c")
      .replace(/[\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`),
  );
}

/** A text that may be of any length, cut to what a page has room for. */
export function clip(text: string, most: number): string {
  const characters = [...text.slice(0, most * 2 + 2)];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
