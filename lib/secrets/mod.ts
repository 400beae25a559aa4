export { encryptedPaths, isEncrypted, readMetadata } from "./encrypted_leaves.ts";
export {
  decrypt,
  type DecryptedLeaves,
  editFile,
  encrypt,
  type EncryptOptions,
  setValue,
  unsetValue,
} from "./sops.ts";
