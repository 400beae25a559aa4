export { encryptedPaths, isEncrypted, readMetadata } from "./encrypted_leaves.ts";
export { decrypt, type DecryptedLeaves, encrypt, type EncryptOptions, setValue } from "./sops.ts";
