import { PxrunError } from "../core/errors.ts";
import type { ProcessResult } from "../core/platform.ts";
import { readMetadata } from "./encrypted_leaves.ts";

/** Task for sops, and its file. */
export interface SopsTask {
  readonly verb: "decrypt" | "encrypt" | "change" | "edit";
  /** The file as the user knows it. */
  readonly name: string;
  /** Its encrypted text, where there is one. */
  readonly text?: string | undefined;
}

/** sops is not installed. */
export function noSops({ verb, name }: SopsTask): PxrunError {
  return new PxrunError("FAILED", `cannot ${verb} ${name}: sops is not installed`, {
    hint: "install sops 3.11 or newer (https://getsops.io), so that it is on the PATH",
  });
}

/**
 * Meaning of an exit status of sops. Its own words are never passed on: they may quote a
 * value that it has decrypted.
 */
export function sopsFailure(task: SopsTask, result: Pick<ProcessResult, "code" | "stderr">): Error {
  const { verb, name } = task;
  const cannot = `cannot ${verb} ${name}`;
  switch (result.code) {
    case 51:
    case 52:
      return new PxrunError(
        "UNTRUSTED",
        `${cannot}: its MAC does not match, so it was changed after it was encrypted`,
        {
          hint: "edited outside sops? take the change back, or check every value in " +
            `\`sops edit --ignore-mac ${name}\` and save`,
        },
      );
    case 25:
      return new PxrunError(
        "UNTRUSTED",
        `${cannot}: one of its encrypted values was changed or moved after it was encrypted`,
        { hint: "take the change back; sops alone can move a value" },
      );
    case 128:
      return noKey(task);
    case 201:
      return new PxrunError("FAILED", `${cannot}: the editor failed, or there is none`, {
        hint: "SOPS_EDITOR or EDITOR names the one to use",
      });
    case 203:
      return new PxrunError("FAILED", `${cannot}: it is encrypted already`);
    default:
      return fromWords(task, result);
  }
}

function noKey({ verb, name, text }: SopsTask): PxrunError {
  const recipients = text === undefined ? [] : readMetadata(text).recipients;
  const whose = recipients.length === 0 ? "" : ` (it is encrypted for ${recipients.join(", ")})`;
  const age = recipients.some((recipient) => recipient.startsWith("age1"));
  return new PxrunError(
    "UNAUTHORIZED",
    `cannot ${verb} ${name}: none of its keys is here${whose}`,
    {
      hint: age
        ? "put the age key into sops' own key file (~/.config/sops/age/keys.txt on Linux), or name " +
          "its file with SOPS_AGE_KEY_FILE"
        : `\`sops decrypt ${name}\` says where it looked`,
    },
  );
}

/** Failures that share one exit status; only these phrases of sops are looked for. */
function fromWords(
  { verb, name }: SopsTask,
  { code, stderr }: Pick<ProcessResult, "code" | "stderr">,
): Error {
  const words = new TextDecoder().decode(stderr);
  const cannot = `cannot ${verb} ${name}`;
  const says = (phrase: RegExp): boolean => phrase.test(words);
  if (says(/metadata not found|sops entry that is not a mapping/i)) {
    return new PxrunError("FAILED", `${cannot}: its sops: key is not one that sops wrote`, {
      hint: "sops: at the top level marks an encrypted file; a key of your own needs another name",
    });
  }
  if (says(/no keys provided|no matching creation rules|has no creation rules/)) {
    return new PxrunError("FAILED", `${cannot}: nothing says for whom`, {
      hint: "make a key (age-keygen -o ~/.config/sops/age/keys.txt), and name the age1… that it " +
        "prints in a .sops.yaml beside the file (creation_rules: [{ age: age1… }]) or in " +
        "SOPS_AGE_RECIPIENTS",
    });
  }
  if (says(/cannot use more than one of/)) {
    return new PxrunError(
      "FAILED",
      `${cannot}: the rule in .sops.yaml says itself which values are encrypted`,
      { hint: "leave unencrypted_regex, encrypted_suffix and their like out of that rule" },
    );
  }
  if (says(/Bech32|malformed recipient|failed to parse input as/)) {
    return new PxrunError("FAILED", `${cannot}: one of the recipients is not a public key`, {
      hint: "age recipients begin with age1; `age-keygen -y KEYFILE` prints one",
    });
  }
  if (says(/flag provided but not defined|No help topic/)) {
    return new PxrunError("FAILED", `${cannot}: this sops is too old`, {
      hint: "install sops 3.11 or newer (https://getsops.io)",
    });
  }
  return new PxrunError("FAILED", `${cannot}: sops ended with status ${code}`, {
    hint:
      `\`sops ${verb === "encrypt" ? "encrypt" : "decrypt"} ${name}\` says why; its words are ` +
      "not shown here, since they can hold values",
  });
}
