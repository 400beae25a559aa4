import process from "node:process";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { type Context, interruptible } from "../../app/context.ts";
import { examples } from "../../app/help/help_page.ts";
import type { GetContext } from "../../app/root.ts";
import { noFile, open } from "./opened.ts";

/** `pxrun config encrypt` */
export function addEncryptCommand(config: CommandUnknownOpts, context: GetContext): void {
  config.command("encrypt").summary("encrypt the secrets of a plain file")
    .description(
      "Encrypt the secrets of a config file that holds them in plain text, with sops. Without a " +
        ".sops.yaml an age key is made, and named in one beside the file.",
    )
    .addHelpText("after", examples([["pxrun config encrypt", "once sops and age are installed"]]))
    .action(() => encryptFile(context()));
}

async function encryptFile(context: Context): Promise<void> {
  const { changeConfig } = await import("../../../config/change_config.ts");
  const { makeEncryption, planEncryption } = await import("../../../setup/encryption.ts");
  const { isEncrypted } = await import("../../../secrets/mod.ts");
  const { world } = context;
  const opened = await open(context, true);
  const { file, text } = opened;
  if (text === undefined) throw noFile(file);
  if (isEncrypted(text)) {
    world.terminal.err(`${file} is encrypted already\n`);
    return;
  }
  await interruptible(world, `the encryption of ${file}`, async (signal) => {
    const plan = await planEncryption(world, opened, process.platform);
    if (plan !== undefined) {
      await makeEncryption(world, file, plan);
      world.terminal.err(`encrypting for the age key in ${plan.keyFile}; keep a copy of it\n`);
    }
    await changeConfig(world, opened, [{ path: ["encryption"], value: undefined }], signal);
    world.terminal.err(`encrypted the secrets of ${file}\n`);
  });
}
