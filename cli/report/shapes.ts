import {
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from "d3-shape";
import { KINDS, type Kind } from "./happenings";
import { type Html, html } from "./html";

const SYMBOLS = {
  triangle: symbolTriangle,
  down: symbolTriangle,
  diamond: symbolDiamond,
  circle: symbolCircle,
  square: symbolSquare,
  cross: symbolCross,
  star: symbolStar,
  wye: symbolWye,
} as const;

/** A letter: no symbol of the library looks like one. */
const LETTER = "M-6.5-4.5H6.5V4.5H-6.5ZM6.5-4.5L0 1L-6.5-4.5";

/** The shape of a kind of happening, around the origin, as a path. `down` is drawn turned over. */
function pathOf(kind: Kind, size: number): string {
  if (KINDS[kind].shape === "letter") return LETTER;
  const path = symbol(SYMBOLS[KINDS[kind].shape], size).digits(1)();
  if (path === null) throw new Error("a symbol without a context is a string");
  return path;
}

/** What is over, or not yet: drawn as an outline. */
const HOLLOW: readonly Kind[] = ["quiet", "due", "underWay"];

/** The mark of a happening at a place in a drawing. Its colour is the kind's tone; its shape says the same. */
export function mark(kind: Kind, x: number, y: number): Html {
  const { tone, shape } = KINDS[kind];
  const turned = shape === "down" ? " rotate(180)" : "";
  return html`<path class="mark t-${tone}${HOLLOW.includes(kind) && " hollow"}" d="${pathOf(kind, 80)}" transform="translate(${round(x)} ${round(y)})${turned}"/>`;
}

/** The mark of a happening beside its word; the word says it to those who do not see it. */
export function icon(kind: Kind): Html {
  return html`<svg class="icon" viewBox="-7 -7 14 14" aria-hidden="true">${mark(kind, 0, 0)}</svg>`;
}

/** A tenth of a unit is finer than any screen, and shorter than what a computer says. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
