/** The bundle; for tasks alone. */
export { build, type BuildOptions, type Metafile, type Plugin, stop } from "npm:esbuild@0.28.2";
