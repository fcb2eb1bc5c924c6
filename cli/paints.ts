import pc from "picocolors";
import { type Paints, PLAIN } from "../src/text/page";
import type { Written } from "./fitting";

/** Colour on a terminal only, and not where NO_COLOR asks for none. */
export function paintsFor({ isTTY }: Written, env: NodeJS.ProcessEnv): Paints {
  if (!isTTY || env.NO_COLOR || env.TERM === "dumb") return PLAIN;
  const { bold, dim, green, yellow, red } = pc.createColors(true);
  return { bold, dim, good: green, wait: yellow, bad: red };
}
