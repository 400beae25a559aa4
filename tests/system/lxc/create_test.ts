import assert from "node:assert/strict";
import { startLxcLab } from "../../lab/mod.ts";

const recipe = `
container: { hostname: web-1, template: debian-12, resources: { storage: 4 } }
provisioning:
  packages: [tree]
  ssh_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2vSIEBo0zY1Z8QWcZJbF0m3wNnW7oJ8TqvY3Qv6q0F me"]
  files:
    - { path: "/etc/app dir/a'b.conf", content: "x=$(id)\\n", mode: "0640", owner: "daemon:adm" }
  scripts:
    - name: hello
      environment: { GREETING: "it's $HOME" }
      content: printf '%s' "$GREETING" >/root/greeting; systemctl is-system-running --wait >/root/system
`;

Deno.test("create makes a Debian 12 container that really runs, and destroy leaves nothing of it", async () => {
  await using lab = await startLxcLab("debian-12");
  let t = Date.now();
  const { status, stdout, stderr } = await lab.run(["create", "-", "--yes", "--format", "json"], {
    stdin: recipe,
  });
  console.log(stdout, stderr, Date.now() - t);
  assert.equal(status, 0, stderr);
  t = Date.now();
  const list = await lab.run(["list", "--ips"]);
  console.log(list.stdout, Date.now() - t);
  console.log(
    await lab.node.sh(
      `lxc-attach -n 100 --clear-env -- sh -c 'dpkg -s tree | head -2; stat -c "%a %U:%G" /etc/app*/*; cat /root/greeting /root/system /root/.ssh/authorized_keys; systemctl --failed; uptime'; pct status 100; pct config 100; pct list; pct exec 100 -- sh -c 'exit 7' || echo $?; pvesh get /nodes; pveversion; curl -sk https://127.0.0.1:8006/api2/json/version -D - | head -1`,
    ),
  );
  t = Date.now();
  const destroy = await lab.run(["destroy", "web-1", "--yes", "--force"]);
  console.log(destroy, Date.now() - t);
  console.log(await lab.node.sh(`lxc-ls -f; ip -br l; mount | tail -5; ls /var/lib/lxc; ps ax`));
});
