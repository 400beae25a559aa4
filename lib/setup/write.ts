import { isPlainByChoice, plainSecrets } from "../config/parse_config.ts";
import type { ContextConfig } from "../config/schema.ts";
import { changeConfig } from "../config/change_config.ts";
import { type ConfigPlatform, openConfig } from "../config/open_context.ts";
import { contextChanges } from "./context_values.ts";

/**
 * Brings a context of a config file to these values and makes it the current one. Other
 * values and contexts stay, also those that were written while questions were asked.
 *
 * @param known What the context had when the values were chosen.
 * @param plain Whether the file is to hold its secrets unencrypted.
 * @returns Whether there was anything to change.
 */
export async function writeContext(
  platform: ConfigPlatform,
  file: string,
  name: string,
  values: ContextConfig,
  known?: ContextConfig,
  plain = false,
): Promise<boolean> {
  const opened = await openConfig(platform, file, { adopt: true });
  const { current_context: current, contexts } = opened.config;
  const text = opened.text ?? "";
  const changes = [
    ...(plain && !isPlainByChoice(text) ? [{ path: ["encryption"], value: "none" }] : []),
    ...(current === name ? [] : [{ path: ["current_context"], value: name }]),
    ...contextChanges(name, values, contexts[name], known),
  ];
  // A secret in the clear is encrypted by any change, and so by none.
  const writes = changes.length > 0 || plainSecrets(text).size > 0 && !isPlainByChoice(text);
  if (writes) await changeConfig(platform, opened, changes);
  return writes;
}
