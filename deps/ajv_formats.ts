/** Formats of JSON Schema, for the validator of CycloneDX; for tests alone. */
import "npm:ajv-formats@3.0.1";
