import assert from "node:assert/strict";
import { ALPINE, testGuest } from "../../tests/unix.ts";

Deno.test("systemctl knows the units of installed packages, and of files that are put in place", async () => {
  using test = await testGuest();
  const ran = await test.run(
    `systemctl is-active nginx; echo $?; systemctl start nginx; echo $?; systemctl enable nginx; systemctl is-enabled nginx; systemctl status nginx; echo $?; systemctl stop nginx; systemctl cat nginx
apt-get update -qq && apt-get install -qqy nginx; systemctl is-active nginx; systemctl is-enabled nginx.service
systemctl stop nginx; systemctl is-active nginx; echo $?; systemctl disable --now nginx; systemctl is-enabled nginx; systemctl enable --now nginx; systemctl is-active -q nginx; echo $?
systemctl restart nginx; systemctl reload nginx; systemctl status nginx; systemctl show nginx; systemctl is-failed nginx; systemctl is-system-running; systemctl list-units | grep -c nginx; systemctl frob nginx
printf '[Unit]\\n' >/etc/systemd/system/own.service; systemctl daemon-reload; systemctl start own; systemctl is-active own; systemctl cat own; systemctl status ssh >/dev/null; echo $?; systemd-detect-virt; journalctl`,
  );
  assert.equal(
    ran.out,
    "inactive\n4\n5\n4\nactive\nenabled\ninactive\n3\ndisabled\n0\n" +
      "* nginx.service\n     Active: active (running)\nActiveState=active\nactive\nrunning\n1\nactive\n[Unit]\n0\nlxc\n-- No entries --\n",
  );
  assert.match(
    ran.err,
    /^Failed to start nginx.service: Unit nginx.service not found.\nFailed to enable unit: Unit file nginx.service does not exist.\n/,
  );
  assert.match(
    ran.err,
    /Created symlink \/etc\/systemd\/system\/multi-user.target.wants\/nginx.service/,
  );
  assert.match(ran.err, /Unknown command verb 'frob'/);
});

Deno.test("enabled services run again after a restart of the container, others do not", async () => {
  using test = await testGuest("fedora-43-default");
  await test.run(
    "dnf -y -q install nginx httpd; systemctl start nginx httpd; systemctl enable httpd",
  );
  test.guest.stop();
  assert.equal((await test.run("systemctl is-active nginx httpd")).out, "inactive\nactive\n");
});

Deno.test("rc-service and rc-update manage OpenRC's services", async () => {
  using test = await testGuest(ALPINE);
  const ran = await test.run(
    `rc-service nginx start; rc-update add nginx; apk add -q --no-cache nginx
rc-service nginx start; rc-service nginx status; rc-update add nginx default; rc-update; rc-status; rc-service nginx stop; rc-service nginx status; echo $?; rc-update del nginx; rc-update show | wc -l`,
  );
  assert.equal(
    ran.out,
    " * Starting nginx ... [ ok ]\n * status: started\n * service nginx added to runlevel default\n nginx | default\n nginx [ started ]\n" +
      " * Stopping nginx ... [ ok ]\n * status: stopped\n3\n * service nginx removed from runlevel default\n0\n",
  );
  assert.equal(
    ran.err,
    "rc-service: service `nginx' does not exist\nrc-update: service `nginx' does not exist\n",
  );
});
