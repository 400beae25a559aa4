import { installFor } from "./package_managers.ts";

/** Shell with a function `get URL`, and `need_get`, which installs what that takes. */
export const GET = `get() {
if command -v curl >/dev/null 2>&1; then curl -fsSL --retry 2 --max-time 120 "$1"
else wget -q -T 120 -O - "$1"; fi
}
need_get() {
command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1 || {
${installFor(() => "ca-certificates curl")}
}
}`;
