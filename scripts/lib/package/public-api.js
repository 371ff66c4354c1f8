// The public API of an entry point as text: every export with its type, as the built declarations have it.
import ts from 'typescript';

/** The program of the last entry point, whose files TypeScript does not read again. @type {ts.Program | undefined} */
let program;

/** @param {string} entry a `.d.ts` file */
export function publicApi(entry) {
  const options = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    types: [],
    strict: true,
    skipLibCheck: true,
  };
  program = ts.createProgram([entry], options, undefined, program);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${entry} exports nothing; run npm run build`);
  const printer = ts.createPrinter({ removeComments: true });
  return checker
    .getExportsOfModule(module)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((exported) => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      return (symbol.declarations ?? [])
        .map((declaration) => {
          // `const x: T` is declared within a statement.
          const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
          return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
        })
        .join('\n');
    })
    .join('\n\n');
}
