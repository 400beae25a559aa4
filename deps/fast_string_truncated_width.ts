/** Width of text on a terminal. */
export { default } from "npm:fast-string-truncated-width@3.0.3";
