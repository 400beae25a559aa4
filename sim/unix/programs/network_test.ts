import assert from "node:assert/strict";
import { DEBIAN, testGuest } from "../../tests/unix.ts";

Deno.test("names resolve only once the cluster says so", async () => {
  using test = await testGuest();
  test.online = false;
  const script =
    "getent ahosts deb.debian.org >/dev/null; echo $?; getent hosts localhost; ping -c1 deb.debian.org; echo $?; nslookup deb.debian.org; getent hosts web | grep -o 127.0.1.1";
  assert.deepEqual(await test.run(script), {
    code: 0,
    out: "2\n::1             localhost ip6-localhost ip6-loopback\n2\n127.0.1.1\n",
    err: "ping: deb.debian.org: Temporary failure in name resolution\n" +
      "nslookup: can't resolve 'deb.debian.org': Temporary failure in name resolution\n",
  });
  test.online = true;
  const ran = await test.run(
    "getent ahosts deb.debian.org | wc -l; ping -c1 deb.debian.org | head -n 1; host a.test; getent hosts x.invalid; echo $?; getent hosts 10.0.0.1",
  );
  assert.match(
    ran.out,
    /^3\nPING deb.debian.org \(198\.51\.100\.\d+\): 56 data bytes\nName:\ta.test\nAddress: 198.*\n2\n10.0.0.1 +10.0.0.1\n$/,
  );
});

Deno.test("ip and hostname show the addresses of the moment", async () => {
  const addresses = [{ name: "eth0", address: "10.99.0.70/24" }, {
    name: "eth0",
    address: "fe80::1/64",
  }];
  using test = await testGuest(DEBIAN, { addresses: () => addresses });
  const json = JSON.parse((await test.run("ip -j addr show eth0")).out);
  assert.equal(json.length, 1);
  assert.deepEqual(
    json[0].addr_info.map((one: { local: string; scope: string }) => [one.local, one.scope]),
    [
      ["10.99.0.70", "global"],
      ["fe80::1", "link"],
    ],
  );
  assert.equal(
    (await test.run("ip -o -4 addr show scope global")).out,
    "2: eth0    inet 10.99.0.70/24 scope global eth0\n",
  );
  assert.match(
    (await test.run("ip addr")).out,
    /^1: lo: <LOOPBACK[^]*inet 127.0.0.1\/8[^]*2: eth0:[^]*inet 10.99.0.70\/24/,
  );
  assert.equal((await test.run("ip route | head -n 1")).out, "default via 10.99.0.1 dev eth0\n");
  assert.deepEqual(await test.run("ip addr show eth9"), {
    code: 1,
    out: "",
    err: 'Device "eth9" does not exist.\n',
  });
  assert.equal((await test.run("ip nosuch")).code, 1);
  assert.equal(
    (await test.run(
      "hostname; hostname -I; hostname new; hostnamectl hostname; hostnamectl set-hostname x; cat /etc/hostname; hostnamectl | head -n 1",
    )).out,
    "web\n10.99.0.70 fe80::1 \nweb\nx\n Static hostname: web\n",
  );
  addresses.length = 0;
  assert.equal(
    (await test.run("hostname -I; ip route; ip -j -4 addr show eth0 | grep -c local")).out,
    "\n0\n",
  );
});
