const NESTED = /\([^()]*\)|\[[^[\]]*\]|\{[^{}]*\}/g;

/** A formula without what stands in its brackets, such as ` +  > 5` of `(a) + (b) > 5`: what it does last is there. */
export function surfaceOf(formula: string): string {
  const rest = formula.replaceAll(NESTED, " ");
  return rest === formula ? rest : surfaceOf(rest);
}
