import { sweep } from "./sweep.ts";

sweep("cut");
