/** The schema of CycloneDX; for tests alone. */
// Its validator looks for these beside itself.
import "npm:ajv@8.20.0";
import "npm:ajv-formats@3.0.1";
import "npm:ajv-formats-draft2019@1.6.1";

export { Spec, Validation } from "npm:@cyclonedx/cyclonedx-library@10.3.0";
