import { Document, Scalar, visit } from "../../deps/yaml.ts";
import { plain } from "../core/plain.ts";

/** Plain data as YAML; what is undefined is left out, as in JSON. */
export function yamlText(data: unknown): string {
  const document = new Document(JSON.parse(JSON.stringify(data)));
  visit(document, {
    Scalar(_, node) {
      // Only between these quotes does an escape mean the character.
      if (typeof node.value === "string" && plain(node.value) !== node.value) {
        node.type = Scalar.QUOTE_DOUBLE;
      }
    },
  });
  return plain(document.toString({ lineWidth: 0 }));
}
