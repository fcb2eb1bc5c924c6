import { quoted } from "../../text/command";
import { tokenVariable, word } from "../../text/shell";
import { curlLine } from "../curl";
import { pathOf, type Question } from "./question";
import { filledHeader, type NamedSource } from "./source";

/** A question as a person types it; secrets stay in variables. Nothing where the source is not known. */
export function elsewhereByHand(question: Question, source: NamedSource | undefined): string[] {
  if (!source) return [];
  const sent = Object.entries(source.headers).flatMap(([name, header]) => [
    "-H",
    `"${name}: ${filledHeader(header.replaceAll(/["\\$`]/g, "\\$&"), (role) => `\${${tokenVariable(role)}}`)}"`,
  ]);
  const line = curlLine({ method: "GET", path: pathOf(question) }, source.url, sent);
  const value = question.promql === undefined ? question.value : "data.result";
  return [
    `${line} | python3 -c ${quoted("import jmespath, json, sys; print(json.dumps(jmespath.search(sys.argv[1], json.load(sys.stdin))))")} ${word(value ?? "@")}`,
  ];
}
