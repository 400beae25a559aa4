import { stringify } from "yaml";

/** Plain data as YAML; what is undefined is left out, as in JSON. */
export function yamlText(data: unknown): string {
  return stringify(JSON.parse(JSON.stringify(data)), { lineWidth: 0 });
}
