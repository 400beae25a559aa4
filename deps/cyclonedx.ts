/** The schema of CycloneDX; for tests alone. */
// Its validator looks for these beside itself.
import "./ajv.ts";
import "./ajv_formats.ts";
import "./ajv_formats_draft2019.ts";

export { Spec, Validation } from "npm:@cyclonedx/cyclonedx-library@10.3.0";
