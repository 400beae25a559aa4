/** Client of Proxmox's REST API. */
export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** One HTTP request, ready to be sent. */
export interface ByteRequest {
  readonly method: Method;
  /** From the API's root on, with the query: `/api2/json/nodes?type=x`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: no body at all. Its length stands in `headers`. */
  readonly body?: string | undefined;
  /** Ends the request at any point; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** One HTTP reply, complete. */
export interface ByteReply {
  readonly status: number;
  /** The reason phrase: older nodes put the error's text only there. */
  readonly reason: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** Transport of bytes to a node: TLS to its port, or a channel of an SSH connection. */
export interface ByteTransport {
  /**
   * Sends one request; any number may be under way at once.
   *
   * @throws {PxrunError} UNREACHABLE or UNTRUSTED when there is no reply.
   */
  request(request: ByteRequest): Promise<ByteReply>;
  /** Ends every connection. Safe to call twice. */
  close(): Promise<void>;
}
