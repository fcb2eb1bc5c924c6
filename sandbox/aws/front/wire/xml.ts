import { XmlNode, XmlText } from "@aws-sdk/xml-builder";

/** An answer of the query protocol. */
export function writeXml(operation: string, output: Readonly<Record<string, unknown>>): string {
  const result = new XmlNode(`${operation}Result`, fields(output));
  const id = new XmlNode("ResponseMetadata", [XmlNode.of("RequestId", "front")]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XmlNode(`${operation}Response`, [result, id])}`;
}

/** A refusal of the query protocol. */
export function writeXmlError(code: string, message: string): string {
  const error = new XmlNode("Error", fields({ Type: "Sender", Code: code, Message: message }));
  return String(new XmlNode("ErrorResponse", [error, XmlNode.of("RequestId", "front")]));
}

function fields(of: Readonly<Record<string, unknown>>): XmlNode[] {
  return Object.entries(of)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => node(name, value));
}

function node(name: string, value: unknown): XmlNode {
  if (Array.isArray(value)) {
    return new XmlNode(
      name,
      value.map((item) => node("member", item)),
    );
  }
  if (value instanceof Date) return new XmlNode(name, [new XmlText(value.toISOString())]);
  if (typeof value === "object" && value !== null) {
    return new XmlNode(name, fields(value as Readonly<Record<string, unknown>>));
  }
  return new XmlNode(name, [new XmlText(String(value))]);
}

/** What stands in each element of a name in an answer, where that is text alone. */
export function textsIn(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, text = ""]) => plain(text));
}

/** The entries of a map in an answer, such as the attributes of a topic. */
export function entriesIn(xml: string): Readonly<Record<string, string>> {
  const entries = xml.matchAll(/<key>([^<]*)<\/key>\s*<value>([^<]*)<\/value>/g);
  return Object.fromEntries([...entries].map(([, key = "", value = ""]) => [plain(key), plain(value)]));
}

const SIGNS: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function plain(text: string): string {
  return text.replaceAll(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, sign: string) => {
    if (!sign.startsWith("#")) return SIGNS[sign] ?? whole;
    return String.fromCodePoint(
      sign.startsWith("#x") ? Number.parseInt(sign.slice(2), 16) : Number(sign.slice(1)),
    );
  });
}
