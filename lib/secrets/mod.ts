export { encryptedPaths, isEncrypted, readMetadata } from "./encrypted_leaves.ts";
export {
  decrypt,
  type DecryptedLeaves,
  editFile,
  encrypt,
  type EncryptOptions,
  setValue,
} from "./sops.ts";
