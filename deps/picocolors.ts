/** Colour. */
export { createColors } from "npm:picocolors@1.1.1";
