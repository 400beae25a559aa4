/** More formats of JSON Schema, for the validator of CycloneDX; for tests alone. */
import "npm:ajv-formats-draft2019@1.6.1";
