import { join, relative, resolve } from "node:path";
import ts from "typescript";

/**
 * The declarations of some sources, and of all that these declarations name, by their paths from `root`. Throws where
 * something that they name cannot be declared. That the sources are sound otherwise is for `tsc` to say.
 *
 * @param root the checkout's folder, absolute
 * @param sources from `root`
 */
export function declarations(root: string, sources: readonly string[]): Map<string, string> {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const program = ts.createProgram(
    sources.map((source) => join(root, source)),
    { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: "/", rootDir: root },
  );
  const made = new Map<string, string>();
  const visit = (source: string): void => {
    const path = relative(root, source).replace(/\.ts$/, ".d.ts");
    const file = program.getSourceFile(source);
    if (file === undefined || made.has(path)) return;
    const text = declarationOf(program, file);
    made.set(path, text);
    for (const { fileName } of ts.preProcessFile(text).importedFiles)
      if (fileName.startsWith("."))
        for (const ending of [".ts", "/index.ts"]) visit(`${resolve(source, "..", fileName)}${ending}`);
  };
  for (const source of sources) visit(join(root, source));
  return made;
}

function declarationOf(program: ts.Program, file: ts.SourceFile): string {
  const wrong = program.getDeclarationDiagnostics(file);
  if (wrong.length > 0)
    throw new Error(
      ts.formatDiagnostics(wrong, {
        getCanonicalFileName: (name) => name,
        getCurrentDirectory: () => "/",
        getNewLine: () => "\n",
      }),
    );
  let declared = "";
  program.emit(file, (_, text) => {
    declared = text;
  });
  return declared;
}
