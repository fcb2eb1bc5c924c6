import { pageWidth } from "../src/text/page";
import { wrapped } from "../src/text/wrap";

/** Where a text is written to. */
export interface Written {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Wrapped for a terminal; a file, or a program that reads along, gets the lines as they are. */
export function fitting(text: string, { isTTY, columns }: Written): string {
  return isTTY ? wrapped(text, pageWidth(columns)) : text;
}
