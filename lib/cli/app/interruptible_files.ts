import { Interrupted } from "../../core/errors.ts";
import { untilAborted } from "../../core/within.ts";
import type { Platform } from "../../core/platform.ts";

/**
 * Files whose reading a signal ends at once. A pipe without a writer and a mount whose server is
 * gone block as long as they like, and the read itself cannot be ended: it is left behind.
 */
export function interruptibleFiles(
  { files, fileStreams, privateFiles, onInterrupt }: Pick<
    Platform,
    "files" | "fileStreams" | "privateFiles" | "onInterrupt"
  >,
): Pick<Platform, "files" | "fileStreams" | "privateFiles"> {
  async function reading<T>(path: string, read: Promise<T>): Promise<T> {
    const controller = new AbortController();
    const stop = onInterrupt(() => controller.abort(new Interrupted(`reading ${path}`)));
    try {
      return await untilAborted(read, controller.signal);
    } finally {
      stop();
    }
  }
  return {
    files: { ...files, read: (path) => reading(path, files.read(path)) },
    fileStreams: { ...fileStreams, open: (path) => reading(path, fileStreams.open(path)) },
    privateFiles: { ...privateFiles, mode: (path) => reading(path, privateFiles.mode(path)) },
  };
}
