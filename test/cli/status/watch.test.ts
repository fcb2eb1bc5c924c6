import { expect, test } from "vitest";
import { watch } from "../../../cli/status/watch";

function screen(isTTY: boolean, rows?: number) {
  const written: string[] = [];
  return { written, isTTY, rows, write: (text: string) => written.push(text) };
}

/** Ends a watch after so many pictures. */
function drawing(count: number, lines: (picture: number) => string[]) {
  const controller = new AbortController();
  let drawn = 0;
  const draw = async () => {
    drawn++;
    // The last one is drawn to its end: Ctrl-C comes while the next is waited for.
    if (drawn === count) setTimeout(() => controller.abort(), 1);
    return lines(drawn);
  };
  return { draw, until: controller.signal };
}

test("on a terminal each picture is one write over the former one, and the last stays behind", async () => {
  const to = screen(true, 10);
  await watch({ ...drawing(3, (picture) => [`picture ${picture}`, "end"]), screen: to, everyMs: 3 });
  const [begin, ...rest] = to.written;
  const end = rest.pop();
  expect(begin).toBe("\x1b[?1049h\x1b[?25l");
  expect(rest[0]).toBe("\x1b[Hpicture 1\x1b[K\nend\x1b[K\n\x1b[J");
  expect(rest.length).toBeGreaterThanOrEqual(3);
  for (const picture of rest) expect(picture.startsWith("\x1b[H")).toBe(true);
  const left = "\x1b[?25h\x1b[?1049l";
  expect(end?.startsWith(left)).toBe(true);
  expect(end?.slice(left.length)).toMatch(/^picture \d\nend\n$/);
});

test("a picture with more lines than the terminal is cut, so that it never scrolls", async () => {
  const to = screen(true, 4);
  const lines = ["1", "2", "3", "4", "5"];
  await watch({ ...drawing(1, () => lines), screen: to, everyMs: 1 });
  expect(to.written[1]?.split("\n")).toEqual(["\x1b[H1\x1b[K", "2\x1b[K", "… 3 more lines\x1b[K", "\x1b[J"]);
  expect(to.written.at(-1)).toContain("5\n");
});

test("elsewhere one picture follows another, without a control character", async () => {
  const to = screen(false);
  await watch({ ...drawing(2, (picture) => [`picture ${picture}`]), screen: to, everyMs: 3 });
  expect(to.written.slice(0, 2)).toEqual(["picture 1\n", "\npicture 2\n"]);
});

test("a picture that fails leaves the terminal as it was", async () => {
  const to = screen(true);
  const failing = watch({
    draw: () => Promise.reject(new Error("no")),
    screen: to,
    everyMs: 1,
    until: new AbortController().signal,
  });
  await expect(failing).rejects.toThrow("no");
  expect(to.written.at(-1)).toBe("\x1b[?25h\x1b[?1049l");
});
