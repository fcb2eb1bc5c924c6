import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";

/** What an official SDK says of one input. */
export interface Fact {
  readonly kind: "text" | "number" | "boolean" | "list" | "map" | "object" | "archive";
  readonly required?: true;
  readonly secret?: true;
  /** Of an object, and of the objects in a list. */
  readonly fields?: Facts;
}

export type Facts = Readonly<Record<string, Fact>>;

/** What an official SDK says of the resources that a plugin knows. */
export interface Official {
  readonly package: string;
  readonly version: string;
  readonly resources: Readonly<Record<string, Facts>>;
}

const required = createRequire(__filename);

/**
 * Reads an installed SDK, which the vendor generates from the plugin's schema: what it declares is what the plugin takes.
 *
 * @param types such as `aws:sns/topic:Topic`
 */
export function extract(name: string, types: readonly string[]): Official {
  const folder = dirname(required.resolve(`${name}/package.json`));
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  const nested = declarations(join(folder, "types", "input.d.ts"));
  const resources = types.map((type) => [type, factsOf(folder, type, nested)] as const);
  return { package: name, version, resources: Object.fromEntries(resources) };
}

type Declared = ReadonlyMap<string, ts.InterfaceDeclaration>;

function factsOf(folder: string, type: string, nested: Declared): Facts {
  const [, module = "", className = ""] = /^\w+:([^:]+):(\w+)$/.exec(type) ?? [];
  const file = join(folder, module.replace(/^index\//, ""));
  const args = declarations(`${file}.d.ts`).get(`${className}Args`);
  if (args === undefined) throw new Error(`${file}.d.ts declares no ${className}Args`);
  // The code is where a secret is made one, whatever the program gives.
  const code = readFileSync(`${file}.js`, "utf8");
  const isSecret = (input: string) => new RegExp(`\\["${input}"\\] = .*pulumi\\.secret\\(`).test(code);
  return fieldsOf(args, nested, isSecret);
}

function fieldsOf(
  declared: ts.InterfaceDeclaration,
  nested: Declared,
  isSecret: (input: string) => boolean = () => false,
): Facts {
  const facts = declared.members.filter(ts.isPropertySignature).map((member): [string, Fact] => {
    const name = member.name.getText();
    const fact = factOf(member.type as ts.TypeNode, nested);
    const more = {
      ...(member.questionToken === undefined && ({ required: true } as const)),
      ...(isSecret(name) && ({ secret: true } as const)),
    };
    return [name, { ...fact, ...more }];
  });
  return Object.fromEntries(facts);
}

function factOf(type: ts.TypeNode, nested: Declared): Fact {
  const node = bare(type);
  if (ts.isArrayTypeNode(node)) {
    const { kind, fields } = factOf(node.elementType, nested);
    return { kind: "list", ...(kind === "object" && fields && { fields }) };
  }
  if (ts.isTypeLiteralNode(node)) return { kind: "map" };
  const text = node.getText();
  if (text === "number" || text === "boolean") return { kind: text };
  if (/^pulumi\.asset\.Archive$/.test(text)) return { kind: "archive" };
  const name = /^(?:inputs|pulumiAws\.types\.input)\.(.+)$/.exec(text)?.[1];
  if (name === undefined || (/Arn|ARN/.test(text) === true && !nested.has(name))) return { kind: "text" };
  const declared = nested.get(name);
  return declared === undefined ? { kind: "text" } : { kind: "object", fields: fieldsOf(declared, nested) };
}

/** Without `pulumi.Input<…>` and `… | undefined`; of several, the one that is no text. */
function bare(type: ts.TypeNode): ts.TypeNode {
  if (ts.isTypeReferenceNode(type) && type.typeName.getText() === "pulumi.Input" && type.typeArguments?.[0])
    return bare(type.typeArguments[0]);
  if (ts.isParenthesizedTypeNode(type)) return bare(type.type);
  if (ts.isUnionTypeNode(type)) {
    const some = type.types.filter((one) => one.kind !== ts.SyntaxKind.UndefinedKeyword);
    const plain = some.find((one) => one.kind === ts.SyntaxKind.StringKeyword);
    return bare(plain ?? (some[0] as ts.TypeNode));
  }
  return type;
}

/** The interfaces of a file, by their names with those of the namespaces around them. */
function declarations(file: string): Declared {
  const found = new Map<string, ts.InterfaceDeclaration>();
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const walk = (node: ts.Node, within: string) => {
    if (ts.isInterfaceDeclaration(node)) found.set(within + node.name.text, node);
    else if (ts.isModuleDeclaration(node) && node.body && ts.isModuleBlock(node.body))
      for (const each of node.body.statements) walk(each, `${within}${node.name.text}.`);
  };
  for (const statement of source.statements) walk(statement, "");
  return found;
}
