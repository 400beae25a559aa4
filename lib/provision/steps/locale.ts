import type { Step } from "../step.ts";
import { invalid } from "./values.ts";
import { installFor, REPAIR } from "./package_managers.ts";

/** Language, country, encoding and variant: `de_DE`, `de_DE.UTF-8`, `de_DE@euro`. */
const NAME = /^([A-Za-z]+)(_[A-Z]+)?(?:\.([A-Za-z0-9-]+))?(@[a-z]+)?$/;

/**
 * Sets the locale of the system, made or installed first where it is missing. musl (Alpine) has
 * no locales to make: there only LANG is set for logins, and the output says so.
 *
 * @param locale As in `LANG`: `en_US.UTF-8`.
 * @throws {PxrunError} INVALID_RECIPE for what cannot be the name of a locale.
 */
export function localeStep(locale: string): Step {
  const [, language, country = "", encoding, variant = ""] = NAME.exec(locale) ?? [];
  if (language === undefined) {
    throw invalid(`provisioning.locale: ${JSON.stringify(locale)} is not the name of a locale`);
  }
  // As `locale -a` spells the encoding.
  const spelled = encoding === undefined ? "" : `.${encoding.replaceAll("-", "").toLowerCase()}`;
  const here = `lang=${locale}
has_locale() { locale -a 2>/dev/null | grep -qxF -e '${language}${country}${spelled}${variant}' -e "$lang"; }
if ls /lib/ld-musl-* >/dev/null 2>&1; then
musl=yes file=/etc/profile.d/10-pxrun-locale.sh line="export LANG=$lang"
else
musl= file=/etc/locale.conf line=LANG=$lang
[ ! -e /etc/debian_version ] || file=/etc/default/locale
fi
is_set() {
[ "$(grep -e '^LANG=' -e '^LC_ALL=' -e '^export ' "$file" 2>/dev/null | tr -d '"')" = "$line" ]
}`;
  return {
    id: "locale",
    kind: "locale",
    title: `locale ${locale}`,
    check: `${here}
is_set || exit 1
[ -n "$musl" ] || has_locale`,
    act: `${here}
umask 022
fail() { echo "$*" >&2; exit 1; }
if [ -n "$musl" ]; then
echo "the C library of this system, musl, has no locales to make: only LANG is set, for logins"
elif ! has_locale; then
${REPAIR}
if [ -e /etc/debian_version ] && ! command -v locale-gen >/dev/null 2>&1; then
${installFor(() => "locales")}
fi
if command -v locale-gen >/dev/null 2>&1; then
entry=$(cat /usr/share/i18n/SUPPORTED /etc/locale.gen 2>/dev/null |
sed -n 's/^#\\{0,1\\} *\\(${locale.replaceAll(".", "\\.")} [^ ]*\\) *$/\\1/p' | head -n 1)
[ -n "$entry" ] || fail "no locale $lang is known in this container: see /usr/share/i18n/SUPPORTED"
grep -qxF "$entry" /etc/locale.gen 2>/dev/null || echo "$entry" >>/etc/locale.gen || exit 1
locale-gen || exit 1
else
${installFor((manager) => manager === "zypper" ? "glibc-locale" : `glibc-langpack-${language}`)}
fi
has_locale || fail "there is no locale $lang in this container"
fi
{ grep -v -e '^LANG=' -e '^LC_ALL=' -e '^export ' "$file" 2>/dev/null; echo "$line"; } >"$pxrun/locale"
mkdir -p "\${file%/*}" && cat "$pxrun/locale" >"$file"`,
    timeout: 15 * 60_000,
    continueOnError: false,
    secrets: [],
  };
}
