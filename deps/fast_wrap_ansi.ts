/** Lines folded at a width. */
export { wrapAnsi } from "npm:fast-wrap-ansi@0.2.2";
