/** The flags of `pxrun setup`. */
export interface SetupOptions {
  readonly host?: string | undefined;
  readonly sshUser?: string | undefined;
  readonly scope?: string | undefined;
  readonly tokenName?: string | undefined;
  readonly tokenId?: string | undefined;
  /** `--no-ssh` makes it false. */
  readonly ssh: boolean;
  /** `--no-encrypt` makes it false. */
  readonly encrypt: boolean;
  readonly print?: true | undefined;
  readonly yes?: true | undefined;
}
