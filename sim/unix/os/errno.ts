const TEXTS = {
  EACCES: "Permission denied",
  EBADF: "Bad file descriptor",
  EEXIST: "File exists",
  EINVAL: "Invalid argument",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  ENOENT: "No such file or directory",
  ENOSPC: "No space left on device",
  ENOTDIR: "Not a directory",
  ENOTEMPTY: "Directory not empty",
  EPERM: "Operation not permitted",
  EROFS: "Read-only file system",
  ESRCH: "No such process",
} as const;

/** The errors of the simulated kernel. */
export type ErrnoCode = keyof typeof TEXTS;

/** A system call that failed; the message is the C library's text. */
export class Errno extends Error {
  override readonly name = "Errno";
  readonly code: ErrnoCode;

  /** @param code Which error. */
  constructor(code: ErrnoCode) {
    super(TEXTS[code]);
    this.code = code;
  }
}
