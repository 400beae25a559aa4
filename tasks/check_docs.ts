/**
 * Holds the exports of mod.ts to their documentation: each says what it is, and has a category for the
 * page of `deno task doc`; a function also names its parameters and what it returns, and has an example, which
 * the tests run.
 */

/** The categories of the public API. */
const categories: ReadonlySet<string> = new Set([
  "Changes",
  "Clusters",
  "Containers",
  "Diagnosis",
  "Errors",
  "Plans",
  "Platform",
  "Recipes",
]);

interface Tag {
  readonly kind: string;
  readonly name?: string;
  readonly doc?: string;
}

interface Parameter {
  readonly name?: string;
  readonly left?: { readonly name?: string };
}

interface Declaration {
  readonly kind: string;
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly Tag[] };
  readonly def?: { readonly params?: readonly Parameter[] };
}

interface Documented {
  readonly name: string;
  readonly declarations: readonly Declaration[];
}

/** Gaps in the documentation of one export. */
export function missingDocs({ name, declarations }: Documented): string[] {
  return declarations.flatMap(({ kind, jsDoc, def }) => {
    const tags = jsDoc?.tags ?? [];
    const missing: string[] = [];
    if (!jsDoc?.doc?.trim()) missing.push(`${name}: what it is`);
    const category = tags.find((tag) => tag.kind === "category")?.doc?.trim() ?? "";
    if (!categories.has(category)) {
      missing.push(`${name}: @category ${[...categories].join("|")}`);
    }
    if (kind !== "function") return missing;
    for (const parameter of def?.params ?? []) {
      const called = parameter.name ?? parameter.left?.name ?? "";
      const said = tags.some((tag) => tag.kind === "param" && tag.name === called && tag.doc);
      if (!said) missing.push(`${name}: @param ${called}`);
    }
    if (!tags.some((tag) => tag.kind === "return")) missing.push(`${name}: @returns`);
    if (!tags.some((tag) => tag.kind === "example")) missing.push(`${name}: @example`);
    return missing;
  });
}

if (import.meta.main) {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "mod.ts"],
    cwd: new URL("..", import.meta.url),
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const modules: Record<string, { readonly symbols: readonly Documented[] }> =
    JSON.parse(new TextDecoder().decode(stdout)).nodes;
  const symbols = Object.values(modules).flatMap((module) => module.symbols);
  const missing = symbols.flatMap(missingDocs);
  for (const line of missing) console.error(line);
  console.error(`docs: ${symbols.length} exports, ${missing.length} gaps`);
  if (missing.length > 0 || symbols.length === 0) Deno.exit(1);
}
