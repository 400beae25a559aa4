import { sweep } from "./sweep.ts";

sweep("freeze");
