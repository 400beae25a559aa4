import assert from "node:assert/strict";
import { userStep, type UserWish } from "../../../lib/provision/steps/users.ts";
import type { Shell, TestRoot } from "../../support/chroot.ts";
import { apply, eachShell, run } from "./in_root.ts";
import { havePackageManager, packageCalls } from "./package_managers.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOneOneOneOneOneOneOneOneOneOneOneOneOneOneOne";
const PLAIN: UserWish = { username: "app", groups: [], ssh_keys: [] };

const step = (wish: Partial<UserWish>): ReturnType<typeof userStep> =>
  userStep("users[0]", { ...PLAIN, ...wish });

/** What BusyBox's adduser, addgroup and chpasswd do, which Debian's BusyBox leaves out. */
const BUSYBOX: Readonly<Record<string, string>> = {
  addgroup: `echo "addgroup $*" >>/var/log/accounts
gid=
[ "$1" != -g ] || { gid=$2; shift 2; }
if [ $# = 2 ]; then
grep -q "^$1:" /etc/passwd && grep -q "^$2:" /etc/group || exit 1
sed -i -e "/^$2:/s/\\$/,$1/" -e "/^$2:/s/:,/:/" /etc/group; exit
fi
grep -q "^$1:" /etc/group && { echo "addgroup: group '$1' in use" >&2; exit 1; }
[ -z "$gid" ] || ! cut -d: -f3 /etc/group | grep -qx "$gid" || exit 1
echo "$1:x:\${gid:-$((1001 + $(wc -l </etc/group)))}:" >>/etc/group`,
  adduser: `echo "adduser $*" >>/var/log/accounts
uid=1234
while getopts DHSh:s:G:u: option; do
case $option in h) home=$OPTARG ;; s) shell=$OPTARG ;; G) group=$OPTARG ;; u) uid=$OPTARG ;; esac
done
shift $((OPTIND - 1))
cut -d: -f3 /etc/passwd | grep -qx "$uid" && { echo "adduser: uid '$uid' in use" >&2; exit 1; }
gid=$(sed -n "s/^$group:x:\\([0-9]*\\):.*/\\1/p" /etc/group)
echo "$1:x:$uid:$gid:Linux User,,,:$home:$shell" >>/etc/passwd
echo "$1:!:20000:0:99999:7:::" >>/etc/shadow
mkdir -p "$home" && chown "$uid:$gid" "$home"`,
  chpasswd: `[ "$1" = -e ] || exit 1
while IFS=: read -r name hash; do sed -i "s/^$name:[^:]*:/$name:$hash:/" /etc/shadow; done`,
};

async function haveAccounts(root: TestRoot, shell: Shell): Promise<void> {
  if (shell !== "ash") return;
  for (const [name, script] of Object.entries(BUSYBOX)) await root.program(name, script);
}

async function entry(root: TestRoot, database: string, name: string): Promise<string> {
  const text = await root.read(`/etc/${database}`);
  return text.split("\n").find((line) => line.startsWith(`${name}:`)) ?? "";
}

eachShell("userStep() makes a user with all that was asked for, once", async (root, shell) => {
  await haveAccounts(root, shell);
  await Deno.mkdir(`${root.directory}/srv`);
  const wish = step({
    uid: 4321,
    groups: ["staff", "new-group", "staff"],
    shell: "/usr/bin/bash",
    home: "/srv/it's/a home",
    ssh_keys: [`${KEY} it's $(me)`],
  });
  const first = await apply(root, [wish]);
  assert.deepEqual([first.changed, first.error], [["users[0]"], undefined]);
  const gecos = shell === "ash" ? "Linux User,,," : "";
  assert.equal(
    await entry(root, "passwd", "app"),
    `app:x:4321:4321:${gecos}:/srv/it's/a home:/usr/bin/bash`,
  );
  assert.equal((await run(root, "id -Gn app")).stdout, "app staff new-group\n");
  assert.match(await entry(root, "shadow", "app"), /^app:\*:/);
  const home = `${root.directory}/srv/it's/a home`;
  const keys = await Deno.stat(`${home}/.ssh/authorized_keys`);
  assert.deepEqual([keys.uid, keys.gid, (keys.mode ?? 0) & 0o7777], [4321, 4321, 0o600]);
  assert.equal((await Deno.stat(home)).uid, 4321);
  assert.equal(await root.read("/srv/it's/a home/.ssh/authorized_keys"), `${KEY} it's $(me)\n`);
  assert.deepEqual((await apply(root, [wish])).changed, []);
});

eachShell(
  "userStep() makes a plain user: root's shell, a home, no password",
  async (root, shell) => {
    await haveAccounts(root, shell);
    await apply(root, [step({})]);
    assert.match(await entry(root, "passwd", "app"), /^app:x:\d+:\d+:[^:]*:\/home\/app:\/bin\/sh$/);
    assert.match(await entry(root, "shadow", "app"), /^app:!:/);
    assert.equal((await run(root, "id -Gn app; stat -c %U:%G /home/app")).stdout, "app\napp:app\n");
    assert.deepEqual((await apply(root, [step({})])).changed, []);
  },
);

eachShell(
  "userStep() brings an existing user up to it and takes nothing away",
  async (root, shell) => {
    await haveAccounts(root, shell);
    await root.write("/etc/group", "root:x:0:\ndev:x:1000:\nstaff:x:50:dev\n");
    const wish = step({ username: "dev", groups: ["video"], shell: "/bin/bash", ssh_keys: [KEY] });
    assert.deepEqual((await apply(root, [wish])).changed, ["users[0]"]);
    assert.equal(await entry(root, "passwd", "dev"), "dev:x:1000:1000::/home/dev:/bin/bash");
    assert.equal((await Deno.stat(`${root.directory}/etc/passwd`)).mode! & 0o777, 0o644);
    assert.equal((await run(root, "id -Gn dev")).stdout, "dev staff video\n");
    assert.match(await entry(root, "shadow", "dev"), /^dev:\*:/);
    assert.deepEqual((await apply(root, [wish])).changed, []);
  },
);

eachShell("userStep() uses a group of the user's name, and a mounted home", async (root, shell) => {
  await haveAccounts(root, shell);
  await root.write("/etc/group", "root:x:0:\ndev:x:1000:\napp:x:77:\n");
  await Deno.mkdir(`${root.directory}/home/app`);
  assert.deepEqual((await apply(root, [step({})])).changed, ["users[0]"]);
  assert.equal((await run(root, "id -g app; stat -c %U:%G /home/app")).stdout, "77\napp:app\n");
});

eachShell("userStep() gives away no directory that may be the system's", async (root, shell) => {
  await haveAccounts(root, shell);
  await Deno.mkdir(`${root.directory}/opt`);
  assert.deepEqual((await apply(root, [step({ home: "/opt" })])).changed, ["users[0]"]);
  const owner = shell === "ash" ? undefined : "root\n";
  if (owner !== undefined) assert.equal((await run(root, "stat -c %U /opt")).stdout, owner);
});

eachShell("userStep() says what it cannot do", async (root, shell) => {
  await haveAccounts(root, shell);
  const refused: [Partial<UserWish>, RegExp][] = [
    [{ username: "dev", uid: 1001 }, /dev is there with the uid 1000; to give it 1001/],
    [{ username: "dev", home: "/srv" }, /dev is there with the home \/home\/dev; to give it \/srv/],
    [{ shell: "/bin/zsh" }, /there is no \/bin\/zsh in this container; its package belongs in/],
    [{ uid: 1000 }, /(not unique|in use)\n.*cannot make the user app/s],
  ];
  for (const [wish, message] of refused) {
    assert.match(String((await apply(root, [step(wish)])).error), message);
  }
});

eachShell("userStep() follows no link that a user has put there", async (root, shell) => {
  await haveAccounts(root, shell);
  await Deno.mkdir(`${root.directory}/etc/target`);
  await Deno.symlink("/etc/target", `${root.directory}/home/dev/.ssh`);
  const { error } = await apply(root, [step({ username: "dev", ssh_keys: [KEY] })]);
  assert.match(String(error), /\/home\/dev\/\.ssh is a link, which is not followed for a user/);
  assert.deepEqual([...Deno.readDirSync(`${root.directory}/etc/target`)], []);
});

for (const group of ["sudo", "wheel"]) {
  eachShell(`userStep() lets a member of ${group} use sudo`, async (root, shell) => {
    await haveAccounts(root, shell);
    await root.write("/etc/hosts", "192.0.2.7 deb.debian.org\n");
    await havePackageManager(root, "apk");
    const apk = await root.read("/usr/local/bin/apk");
    await root.program(
      "apk",
      `${apk}\nprintf '#!/bin/sh\\n' >/usr/bin/sudo; chmod 755 /usr/bin/sudo`,
    );
    await root.program("visudo", 'echo "visudo $*"; grep -q NOPASSWD "$2"');
    const wish = step({ username: "my.app", groups: [group] });
    const first = await apply(root, [wish]);
    assert.deepEqual([first.changed, first.error], [["users[0]"], undefined]);
    assert.deepEqual(await packageCalls(root), ["apk|--wait|300|add|--update-cache|sudo"]);
    assert.ok(first.output.includes("visudo -cf /etc/sudoers.d/.pxrun"));
    const files = [...Deno.readDirSync(`${root.directory}/etc/sudoers.d`)].map(({ name }) => name);
    assert.deepEqual(files, ["pxrun-my%app"]);
    const file = "/etc/sudoers.d/pxrun-my%app";
    assert.equal(await root.read(file), '"my.app" ALL=(ALL:ALL) NOPASSWD: ALL\n');
    assert.equal((await run(root, `stat -c '%a %u' '${file}'`)).stdout, "440 0\n");
    assert.deepEqual((await apply(root, [wish])).changed, []);
  });
}

eachShell("userStep() leaves no rule behind that sudo does not take", async (root, shell) => {
  await haveAccounts(root, shell);
  await root.program("sudo", "");
  await root.program("visudo", "echo 'parse error'; exit 1");
  const { error } = await apply(root, [step({ groups: ["sudo"] })]);
  assert.match(String(error), /parse error\n.*sudo does not take the rule for app/s);
  assert.deepEqual([...Deno.readDirSync(`${root.directory}/etc/sudoers.d`)], []);
});
