/** A refusal of the simulated API, as Proxmox words it. */
export class PveError extends Error {
  override readonly name = "PveError";
  /** The HTTP status; also the code in front of a command line's error. */
  readonly status: number;
  /** Problem of each wrong parameter. */
  readonly errors: Readonly<Record<string, string>> | undefined;

  /**
   * @param status The HTTP status.
   * @param message One line without a line end; it is the reason phrase too.
   * @param errors What is wrong with which parameter.
   */
  constructor(status: number, message: string, errors?: Readonly<Record<string, string>>) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/** A `die` in the handler: Proxmox answers 500. */
export function failed(message: string): PveError {
  return new PveError(500, message);
}

/** A missing right, with the reason in brackets. */
export function forbidden(reason?: string): PveError {
  return new PveError(403, "Permission check failed" + (reason ? ` (${reason})` : ""));
}

/** Parameters that do not pass. */
export function invalid(errors: Readonly<Record<string, string>>): PveError {
  return new PveError(400, "Parameter verification failed.", errors);
}
