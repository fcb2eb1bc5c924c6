import fc from "fast-check";
import { expect, test } from "vitest";
import { clip, escapeHtml, html, jsonBlock } from "../../../cli/report/html";
import { anyText } from "./fixture";

test("no text gets in as markup, whatever it holds", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const safe = escapeHtml(text);
      const markup = /[<>"']|&(?!(amp|lt|gt|quot|#39);)/.test(safe);
      const unfit = /\p{Cc}|\p{Cs}|\p{Bidi_Control}/u.test(safe.replaceAll(/[\t\n\r]/g, ""));
      return !markup && !unfit;
    }),
  );
});

test.each([
  ["<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"],
  ['" onmouseover="alert(1)', "&quot; onmouseover=&quot;alert(1)"],
  ["Tom & Jerry's", "Tom &amp; Jerry&#39;s"],
  ["a\u202eb\u0000c\ud800", "ab\ufffdc\ufffd"],
])("%j is shown as it is meant", (text, safe) => {
  expect(escapeHtml(text)).toBe(safe);
});

test("a template escapes values, keeps markup, and leaves out what is not there", () => {
  const items = ["a", "<b>"].map((item) => html`<li>${item}</li>`);
  expect(html`<ul class="${'"'}">${items}${undefined}${false}${0}</ul>`.text).toBe(
    '<ul class="&quot;"><li>a</li><li>&lt;b&gt;</li>0</ul>',
  );
});

test("data in a script says the same, and cannot end the script", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { text } = jsonBlock(value);
      expect(text).not.toMatch(/<|\u2028|\u2029/);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test.each([
  ["short", 10, "short"],
  ["exactly ten", 11, "exactly ten"],
  ["longer than it may be", 10, "longer th…"],
  ["😀😀😀", 2, "😀…"],
])("%j is cut to %i characters", (text, most, cut) => {
  expect(clip(text, most)).toBe(cut);
});
