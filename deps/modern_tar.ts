/** Directories in and out of containers. */
export * from "npm:modern-tar@0.8.6";
