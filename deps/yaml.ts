/** YAML that knows where everything is. */
export * from "npm:yaml@2.9.1";
