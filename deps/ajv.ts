/** JSON Schema, for the validator of CycloneDX; for tests alone. */
import "npm:ajv@8.20.0";
