import assert from "node:assert/strict";
import { ALPINE, DEBIAN, testGuest } from "../../../tests/unix.ts";

Deno.test("systemctl knows the units of installed packages", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `systemctl is-active nginx; echo $?; systemctl start nginx; echo $?
apt-get update -qq && apt-get install -qqy nginx; systemctl is-active nginx; systemctl stop nginx.service
systemctl is-active -q nginx; echo $?; systemctl enable --now nginx; systemctl is-active nginx
systemctl reload nginx; systemctl is-system-running; systemctl frob nginx; echo $?`,
  );
  assert.equal(ran.out, "inactive\n4\n1\nactive\n3\nactive\nrunning\n127\n");
  assert.match(ran.err, /^systemctl: Failed to start unit: Unit file nginx.service does not exist/);
  test.guest.stop();
  assert.equal((await test.run("systemctl is-active nginx")).out, "active\n", "it is enabled");
});

Deno.test("rc-service and rc-update manage OpenRC's services", async () => {
  using test = await testGuest(ALPINE);
  const ran = await test.run(
    `rc-service nginx start; rc-update add nginx; apk add --update-cache nginx >/dev/null
rc-service nginx start; rc-update add nginx default; ls -d /etc/runlevels/default/nginx; rc-service nginx frob; echo $?`,
  );
  assert.equal(
    ran.out,
    " * Starting nginx ... [ ok ]\n * service nginx added to runlevel default\n" +
      "/etc/runlevels/default/nginx\n127\n",
  );
  assert.match(ran.err, /^rc-service: service `nginx' does not exist\nrc-update: service `nginx'/);
});

Deno.test("docker takes images and starts them", async () => {
  using test = await testGuest();
  const { out } = await test.run(
    `command -v docker || echo none; apt-get update -q >/dev/null; apt-get install -qy docker.io >/dev/null
getent group docker; docker compose version; echo $?; docker version --format x; docker info --format x
docker run nosuch env; echo $?; echo bytes | docker import - tiny | head -c 7; docker run --rm tiny env; echo $?
docker rmi -f tiny; echo $?; docker rmi tiny; echo $?`,
  );
  assert.equal(out, "none\ndocker:x:989:\n1\n1.2.3\noverlay2\n125\nsha256:0\n0\n1\n");
});

Deno.test("names resolve only once the cluster says so", async () => {
  using test = await testGuest();
  test.online = false;
  const script = "getent ahosts deb.debian.org; echo $?";
  assert.equal((await test.run(script)).out, "2\n");
  test.online = true;
  assert.match((await test.run(script)).out, /^198\.51\.100\.\d+ +STREAM deb.debian.org\n0\n$/);
});

Deno.test("hostname shows the name and the addresses of the moment", async () => {
  const addresses = [{ name: "eth0", address: "10.99.0.70/24" }];
  using test = await testGuest(DEBIAN, { addresses: () => addresses });
  assert.equal((await test.run("hostname; hostname -I")).out, "web\n10.99.0.70 \n");
  addresses.length = 0;
  assert.equal((await test.run("hostname -I")).out, "\n");
});

Deno.test("locales are there once they were generated", async () => {
  using test = await testGuest();
  const ran = await test.run(
    "locale -a; echo de_DE.UTF-8 UTF-8 >>/etc/locale.gen; locale-gen >/dev/null; locale -a | grep de_; ls -d /usr/share/zoneinfo/Europe; locale; echo $?",
  );
  assert.equal(ran.out, "C\nC.utf8\nPOSIX\nde_DE.utf8\n/usr/share/zoneinfo/Europe\n127\n");
  using alpine = await testGuest(ALPINE);
  assert.equal((await alpine.run("command -v locale locale-gen")).code, 127);
});
