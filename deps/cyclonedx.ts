/** The schema of CycloneDX; for tests alone, which import ajv and its formats, too: it looks for them. */
export { Spec, Validation } from "npm:@cyclonedx/cyclonedx-library@10.3.0";
