/** The parser and the text tools of simulated containers; 2.5 MB, so it is only imported on demand. */
export * from "npm:just-bash@3.4.2";
